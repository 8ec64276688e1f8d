/** One process that trains, watched from outside through its work dir and killed at a moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FSWatcher, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Moment } from './draw.js';
import { readLosses } from './read-losses.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const TEMPORARY = /\.engine-tmp$/;

export interface SessionEnd {
  /** Exit status; undefined when killed. */
  readonly status: number | undefined;
  /** True when the kill left a half-written checkpoint behind. */
  readonly insideSave: boolean;
  readonly output: string;
  readonly milliseconds: number;
}

export interface Training {
  readonly config: string;
  /** How long it trains: `trainCfg.maxEpochs=20`. */
  readonly length: string;
}

/** Trains in `workDir` until the end, or until `moment`, when the process gets SIGKILL. */
export async function session({ config, length }: Training, workDir: string, moment?: Moment): Promise<SessionEnd> {
  mkdirSync(workDir, { recursive: true });
  const started = performance.now();
  const args = ['train', config, '--work-dir', workDir, '--resume', '--cfg-options', length];
  const child = spawn(process.execPath, ['apps/cli/bin/engine.mjs', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const disarm = moment === undefined ? () => {} : arm(child, workDir, moment);
  const status = await new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  disarm();
  const insideSave = status === undefined && readdirSync(workDir).some((name) => isHalfCheckpoint(name));
  return { status, insideSave, output, milliseconds: performance.now() - started };
}

function isHalfCheckpoint(name: string): boolean {
  return TEMPORARY.test(name) && name.includes('.safetensors');
}

/** Kills the child at the moment; returns what stops waiting for it. */
function arm(child: ChildProcess, workDir: string, moment: Moment): () => void {
  const kill = (): void => void child.kill('SIGKILL');
  if (moment.kind === 'startup') {
    const timer = setTimeout(kill, moment.delay);
    return () => clearTimeout(timer);
  }
  return moment.kind === 'saving'
    ? onSave(workDir, moment.nth, kill)
    : afterFirstIteration(workDir, moment.delay, kill);
}

function onSave(workDir: string, nth: number, kill: () => void): () => void {
  const seen = new Set(readdirSync(workDir));
  let saves = 0;
  const watcher: FSWatcher = watch(workDir, (_event, name) => {
    if (name === null || seen.has(name) || !isHalfCheckpoint(name)) return;
    seen.add(name);
    saves += 1;
    if (saves === nth) kill();
  });
  return () => watcher.close();
}

function afterFirstIteration(workDir: string, delay: number, kill: () => void): () => void {
  const before = readLosses(workDir).rows;
  let timer: NodeJS.Timeout | undefined;
  const poll = setInterval(() => {
    if (readLosses(workDir).rows === before) return;
    clearInterval(poll);
    timer = setTimeout(kill, delay);
  }, 5);
  return () => {
    clearInterval(poll);
    clearTimeout(timer);
  };
}

/** The newest regular checkpoint of a work dir, by the counter in its name. */
export function finalCheckpoint(workDir: string): string {
  const numbered = readdirSync(workDir)
    .map((name) => ({ name, match: /^(?:epoch|iter)_(\d+)\.safetensors$/.exec(name) }))
    .flatMap(({ name, match }) => (match === null ? [] : [{ name, count: Number(match[1]) }]))
    .sort((a, b) => b.count - a.count);
  const newest = numbered[0];
  if (newest === undefined) throw new Error(`no checkpoint in ${workDir}`);
  return join(workDir, newest.name);
}
