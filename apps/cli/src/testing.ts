import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { idxFile } from '@engine/vision/testing';
import { runCli } from './cli.js';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process and collects what it writes; `tty` pretends that a terminal shows it. */
export async function engine(
  args: readonly string[],
  cwd: string = process.cwd(),
  { tty = false }: { readonly tty?: boolean } = {},
): Promise<CliResult> {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    cwd,
    stdout: { write: (text) => (out += text), columns: 100, isTTY: tty },
    stderr: { write: (text) => (err += text), columns: 100, isTTY: tty },
  });
  return { code, out, err };
}

/** A folder of files for a test, and how to remove it. */
export interface TestFolder {
  readonly path: string;
  readonly file: (name: string) => string;
  readonly read: (name: string) => string;
  /** Names in a folder of it, sorted. */
  readonly list: (name?: string) => string[];
  readonly write: (name: string, content: string | Uint8Array) => void;
  remove(): void;
}

/** `beside`: a folder of this package, for files that import packages of ours. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>> = {}, beside?: URL): TestFolder {
  const path = mkdtempSync(join(beside === undefined ? tmpdir() : fileURLToPath(beside), 'engine-cli-'));
  const file = (name: string): string => join(path, name);
  const folder: TestFolder = {
    path,
    file,
    read: (name) => readFileSync(file(name), 'utf8'),
    list: (name = '') => readdirSync(file(name)).sort(),
    write(name, content) {
      mkdirSync(dirname(file(name)), { recursive: true });
      writeFileSync(file(name), content);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return folder;
}

const SIDE = 28;

/** The four files of a tiny MNIST in `data/`: image `i` shows label `i % 10` as a bright row, so that it can be learned. */
export function digitFiles({ train = 40, test = 20 } = {}): Record<string, Uint8Array> {
  const split = (name: string, count: number): [string, Uint8Array][] => {
    const pixels = new Uint8Array(count * SIDE * SIDE);
    for (let i = 0; i < count; i += 1) {
      const row = i * SIDE * SIDE + (4 + 2 * (i % 10)) * SIDE;
      pixels.fill(200 + (i % 50), row, row + 2 * SIDE);
    }
    const labels = Array.from({ length: count }, (_, i) => i % 10);
    return [
      [`data/${name}-images-idx3-ubyte`, idxFile([count, SIDE, SIDE], pixels)],
      [`data/${name}-labels-idx1-ubyte`, idxFile([count], labels)],
    ];
  };
  return Object.fromEntries([...split('train', train), ...split('t10k', test)]);
}

/** LeNet on the digits in `data/` below `folder`: 4 iterations an epoch, 2 epochs, everything that has a state takes part. */
export function digitConfig(folder: string): Record<string, unknown> {
  const loader = (train: boolean): object => ({
    dataset: { type: 'MNIST', root: join(folder, 'data'), train },
    batchSize: 10,
    shuffle: train,
  });
  return {
    backend: { type: 'wasm', threads: 1 },
    model: { type: 'LeNet5', numClasses: 10, dropout: 0.2 },
    dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [33.3184], std: [78.5675] },
    trainDataloader: loader(true),
    trainCfg: { byEpoch: true, maxEpochs: 2 },
    optimWrapper: { optimizer: { type: 'SGD', lr: 0.1, momentum: 0.9 } },
    paramScheduler: [{ type: 'LinearLR', startFactor: 0.5, byEpoch: false, end: 6 }],
    valDataloader: loader(false),
    valCfg: {},
    valEvaluator: { type: 'Accuracy' },
    randomness: { seed: 3 },
    defaultHooks: { logger: { interval: 1 } },
  };
}

/** A folder with the digits and `config.json`; what `change` returns is laid over the config's top level. */
export function digitFolder(change: Readonly<Record<string, unknown>> = {}): TestFolder {
  const folder = folderOf(digitFiles());
  folder.write('config.json', JSON.stringify({ ...digitConfig(folder.path), ...change }, null, 2));
  return folder;
}

/** What is in `vis_data/scalars.json` of the only, or the last, run in a work dir. */
export function scalarRows(folder: TestFolder, workDir: string): Record<string, number>[] {
  const stamp = stampsOf(folder, workDir).at(-1) ?? '';
  const text = folder.read(join(workDir, stamp, 'vis_data', 'scalars.json'));
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);
}

/** Names of the runs' folders in a work dir, oldest first. */
export function stampsOf(folder: TestFolder, workDir: string): string[] {
  return folder.list(workDir).filter((name) => /^\d{8}_\d{6}(_\d+)?$/.test(name));
}

/** The program itself, as built, in a process of its own. */
export interface EngineProcess {
  readonly child: ChildProcess;
  /** Resolves once the output matches; rejects when the process ends before. */
  shows(text: RegExp): Promise<void>;
  readonly ended: Promise<CliResult & { readonly signal: NodeJS.Signals | null }>;
}

const PROGRAM = fileURLToPath(new URL('../bin/engine.mjs', import.meta.url));
export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

export function spawnEngine(args: readonly string[], cwd: string): EngineProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  const waiting = new Set<() => void>();
  const heard = (text: string): string => {
    queueMicrotask(() => [...waiting].forEach((look) => look()));
    return text;
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += heard(text)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += heard(text)));
  const ended = new Promise<CliResult & { signal: NodeJS.Signals | null }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code: code ?? -1, out, err, signal })),
  );
  return {
    child,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!text.test(out + err)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`the program ended without showing ${text.source}:\n${out}${err}`)));
      }),
  };
}
