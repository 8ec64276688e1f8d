import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from './compare.js';
import { drawing, drawMoment, type Moment } from './draw.js';
import { readLosses } from './read-losses.js';
import { finalCheckpoint, type SessionEnd, session, type Training } from './session.js';

/** Roughly what a process needs to its first iteration, in milliseconds. */
const STARTUP = 1500;
/** Iterations between two saves in `config.ts`. */
const SAVE_INTERVAL = 7;

/** A training that gets killed. */
export interface ChaosJob {
  readonly name: string;
  readonly config: string;
  /** The option that says how long it trains, and its value for so many kills: longer than what all sessions do before they are killed. */
  length(kills: number): string;
}

const ITERATIONS_A_KILL = 30;

/** Counting in epochs and counting in iterations. */
export const jobs: readonly ChaosJob[] = [
  { name: 'epochs', config: 'tooling/chaos/config.ts', length: (kills) => `trainCfg.maxEpochs=${Math.max(16, kills)}` },
  {
    name: 'iterations',
    config: 'tooling/chaos/iterations/config.ts',
    length: (kills) => `trainCfg.maxIters=${ITERATIONS_A_KILL * Math.max(16, kills)}`,
  },
];

export interface ChaosOptions {
  readonly kills: number;
  /** How many of them at least must hit a save. */
  readonly insideSave: number;
  readonly seed: number;
  readonly job: ChaosJob;
  readonly report: (line: string) => void;
}

export interface ChaosResult {
  readonly kills: number;
  readonly insideSave: number;
  readonly iterations: number;
  /** Empty when the killed run equals the undisturbed one bit for bit. */
  readonly differences: readonly string[];
}

/** Trains once undisturbed and once killed and resumed again and again, and compares all losses and the final checkpoint. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-chaos-'));
  try {
    return await inFolder(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inFolder(folder: string, { job, report, ...options }: ChaosOptions): Promise<ChaosResult> {
  const straight = join(folder, 'straight');
  const training = { config: job.config, length: job.length(options.kills) };
  const undisturbed = await session(training, straight);
  demand(undisturbed.status === 0, `the undisturbed run failed:\n${undisturbed.output}`);
  const reference = { losses: readLosses(straight), checkpoint: finalCheckpoint(straight) };
  const iterations = reference.losses.byIter.size;
  report(`undisturbed: ${iterations} iterations in ${(undisturbed.milliseconds / 1000).toFixed(1)} s`);

  const workDir = join(folder, 'killed');
  const { kills, insideSave } = await killing({
    ...options,
    training,
    report,
    workDir,
    iterations,
    milliseconds: undisturbed.milliseconds,
  });
  const last = await session(training, workDir);
  demand(last.status === 0, `the last resume failed:\n${last.output}`);
  const killed = { losses: readLosses(workDir), checkpoint: finalCheckpoint(workDir) };
  return { kills, insideSave, iterations, differences: await differences(reference, killed) };
}

interface Killing extends Omit<ChaosOptions, 'job'> {
  readonly training: Training;
  readonly workDir: string;
  readonly iterations: number;
  readonly milliseconds: number;
}

async function killing({
  training,
  report,
  workDir,
  iterations,
  milliseconds,
  ...options
}: Killing): Promise<{ kills: number; insideSave: number }> {
  const random = drawing(options.seed);
  const spans = { startup: STARTUP, between: (SAVE_INTERVAL * Math.max(milliseconds - STARTUP, 500)) / iterations };
  let [kills, insideSave] = [0, 0];
  while (kills < options.kills || insideSave < options.insideSave) {
    const saving = options.kills - kills <= options.insideSave - insideSave;
    const moment = drawMoment(random, spans, saving);
    const end = await session(training, workDir, moment);
    demand(end.status === undefined, ended(end, kills));
    kills += 1;
    if (end.insideSave) insideSave += 1;
    report(
      `kill ${String(kills).padStart(2)}: ${describe(moment)}${end.insideSave ? ', left half a checkpoint' : ''}; ${furthest(workDir)} iterations done`,
    );
  }
  return { kills, insideSave };
}

function describe(moment: Moment): string {
  if (moment.kind === 'saving') return `while writing checkpoint ${moment.nth} of the session`;
  return `${Math.round(moment.delay)} ms after ${moment.kind === 'startup' ? 'the start' : 'the first iteration'}`;
}

function furthest(workDir: string): number {
  return Math.max(0, ...readLosses(workDir).byIter.keys());
}

function ended({ status, output }: SessionEnd, kills: number): string {
  if (status === 0) return `training ended after ${kills} kills: it needs to be longer`;
  return `a resume failed with exit status ${status} after ${kills} kills:\n${output}`;
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
