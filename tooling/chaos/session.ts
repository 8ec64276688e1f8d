/** One process that trains, listened to through its beacon and killed at a moment. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { BEACON, type Phase, type Signal, signalReader } from './beacon.ts';
import { halfWritten } from './leftovers.ts';
import type { Moment } from './plan.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** The first open file after input, output and errors. */
const FILE = 3;
/** Milliseconds in which a save is on its way to the disk, or was too quick to be seen. */
const UNSEEN = 500;
/** A clock's timers are too coarse for moments inside a save, in milliseconds. */
const WAITED_OUT = 30;

export interface TimedSignal extends Signal {
  /** In milliseconds. */
  readonly time: number;
}

export interface SessionEnd {
  /** Exit status; undefined when killed. */
  readonly status: number | undefined;
  /** All signals, the start of the process first. */
  readonly signals: readonly TimedSignal[];
  readonly output: string;
}

export interface Training {
  readonly config: string;
  /** How long it trains: `trainCfg.maxEpochs=20`. */
  readonly length: string;
}

/** Trains in `workDir` until the end, or until `moment`, when the process gets SIGKILL. */
export async function session({ config, length }: Training, workDir: string, moment?: Moment): Promise<SessionEnd> {
  mkdirSync(workDir, { recursive: true });
  const args = ['train', config, '--work-dir', workDir, '--resume', '--cfg-options', length];
  const child = spawn(process.execPath, ['apps/cli/bin/engine.mjs', ...args], {
    cwd: ROOT,
    env: { ...process.env, [BEACON]: String(FILE) },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const signals: TimedSignal[] = [{ phase: 'startup', iter: 0, time: performance.now() }];
  const kill = (): void => void child.kill('SIGKILL');
  const disarm = moment?.phase === 'startup' ? later(moment.delay, kill) : () => {};
  let isDue = moment !== undefined;
  const read = signalReader();
  (child.stdio[FILE] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
    for (const signal of read(chunk)) {
      signals.push({ ...signal, time: performance.now() });
      if (!isDue || moment === undefined || !isReached(moment, signal)) continue;
      isDue = false;
      if (moment.phase === 'startup') kill();
      else if (moment.phase === 'saving') {
        // Steps go on while the file is written, so the next signals say nothing of it.
        onceWriting(workDir, () => {
          signals.push({ ...signal, time: performance.now() });
          waitOut(moment.delay, kill);
        });
      } else if (moment.delay > WAITED_OUT) later(moment.delay, kill);
      else waitOut(moment.delay, kill);
    }
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    (stream as Readable).setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const status = await new Promise<number | undefined>((resolve) => {
    child.once('close', (code) => resolve(code ?? undefined));
  });
  disarm();
  return { status, signals, output };
}

/** Whether it is time. A start that is quicker than expected ends with the first signal. */
function isReached({ phase, from }: Moment, signal: Signal): boolean {
  return phase === 'startup' || (signal.phase === phase && signal.iter >= from);
}

/** Where the session was when it ended. */
export function lastPhase({ signals }: SessionEnd): Phase {
  return signals.at(-1)?.phase ?? 'startup';
}

/** Iterations that the session has seen finished. */
export function lastIteration({ signals }: SessionEnd): number {
  return Math.max(...signals.map(({ iter }) => iter));
}

/** Calls `found` when a checkpoint is being written that was not when the save began, or when that has taken too long to be seen. */
function onceWriting(workDir: string, found: () => void): void {
  const before = halfWritten(workDir);
  const end = performance.now() + UNSEEN;
  const look = (): void => {
    const isWriting = [...halfWritten(workDir)].some((name) => !before.has(name));
    if (isWriting || performance.now() > end) found();
    else setImmediate(look);
  };
  look();
}

function later(delay: number, kill: () => void): () => void {
  const timer = setTimeout(kill, delay);
  return () => clearTimeout(timer);
}

function waitOut(delay: number, kill: () => void): void {
  const end = performance.now() + delay;
  while (performance.now() < end);
  kill();
}
