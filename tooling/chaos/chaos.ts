import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Phase } from './beacon.ts';
import { differences } from './compare.ts';
import type { ChaosJob } from './jobs.ts';
import { halfWritten, type Leftover, leftBehind } from './leftovers.ts';
import { drawing, drawMoments, type Moment, spansOf } from './plan.ts';
import { readRun } from './read-run.ts';
import { lastIteration, lastPhase, session, type Training } from './session.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly job: ChaosJob;
  readonly report: (line: string) => void;
}

/** A kill as it turned out. */
export interface Landing {
  readonly phase: Phase;
  /** Finished iterations. */
  readonly iter: number;
  readonly left: Leftover | undefined;
}

export interface ChaosResult {
  readonly landings: readonly Landing[];
  readonly iterations: number;
  /** Empty when the killed run equals the undisturbed one bit for bit. */
  readonly differences: readonly string[];
}

/** Trains once undisturbed and once killed and resumed again and again, and compares all that the two runs leave. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-chaos-'));
  try {
    return await inFolder(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inFolder(folder: string, { job, report, kills, seed }: ChaosOptions): Promise<ChaosResult> {
  const [straight, workDir] = [join(folder, 'straight'), join(folder, 'killed')];
  const training = { config: job.config, length: job.length(kills) };
  const undisturbed = await session(training, straight);
  demand(undisturbed.status === 0, `the undisturbed run failed:\n${undisturbed.output}`);
  const iterations = lastIteration(undisturbed);
  const spans = spansOf(undisturbed.signals);
  report(`undisturbed: ${iterations} iterations; the first ${(spans.startup / 1000).toFixed(1)} s after the start`);

  const landings: Landing[] = [];
  for (const moment of drawMoments(drawing(seed), { kills, iterations, spans })) {
    const landing = await kill(training, { workDir, moment, kept: job.kept });
    if (landing === undefined) break;
    landings.push(landing);
    report(`kill ${String(landings.length).padStart(3)}: ${describe(landing)}`);
  }
  const last = await session(training, workDir);
  demand(last.status === 0, `the last resume failed:\n${last.output}`);
  return { landings, iterations, differences: differences(readRun(straight), readRun(workDir)) };
}

interface Kill {
  readonly workDir: string;
  readonly moment: Moment;
  readonly kept: number;
}

/** Undefined when the run was over before. */
async function kill(training: Training, { workDir, moment, kept }: Kill): Promise<Landing | undefined> {
  const before = halfWritten(workDir);
  const end = await session(training, workDir, moment);
  if (end.status === 0) return undefined;
  demand(end.status === undefined, `a resume failed with exit status ${end.status}:\n${end.output}`);
  const phase = lastPhase(end);
  return {
    phase,
    iter: lastIteration(end),
    left: phase === 'saving' ? leftBehind(workDir, { before, kept }) : undefined,
  };
}

const LEFT: Readonly<Record<Leftover, string>> = {
  half: 'half a checkpoint is left',
  unnamed: 'a checkpoint is left that last_checkpoint does not name',
  surplus: 'a checkpoint too many is left',
};

function describe({ phase, iter, left }: Landing): string {
  const where = phase === 'startup' ? 'in startup' : `in ${phase}, at iteration ${iter}`;
  return left === undefined ? where : `${where}; ${LEFT[left]}`;
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
