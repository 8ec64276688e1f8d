/** What the golden file claims of its own runs, asked of ours. */
import type { Backend } from '@engine/core';
import type { ReplayResult } from '../harness/area.js';
import { guarded } from '../harness/guarded.js';
import type { Golden, GoldenRun } from './golden.js';
import type { Recorder } from './recorder.js';
import type { Recording } from './recording.js';

const LEARNT = { loss: 1.5, accuracy: 40 };

type Check = (golden: Golden, runs: Runs) => Promise<unknown>;

/** By what they are called in the file: the value that holds for our runs. */
const checks: Readonly<Record<string, Check>> = {
  identical_rerun: async (golden, runs) => {
    const [name] = wholeRuns(golden).map((run) => run.name);
    if (name === undefined) throw new Error('no whole run to do again');
    return isSame(await runs.of({ name, resumed: false }), await runs.again(name));
  },
  resumed_iter_equals_straight: (_golden, runs) => resumedEqualsStraight('iter', runs),
  resumed_epoch_equals_straight: (_golden, runs) => resumedEqualsStraight('epoch', runs),
  all_full_runs_learn: async (golden, runs) => {
    const learnt: Record<string, boolean> = {};
    for (const run of wholeRuns(golden))
      learnt[run.resumed ? `${run.name}-resumed` : run.name] = hasLearnt(await runs.of(run));
    return learnt;
  },
};

export async function* replayControls(
  golden: Golden,
  recorder: Recorder,
  backend: Backend,
): AsyncGenerator<ReplayResult> {
  const runs = new Runs(golden, recorder, backend);
  for (const [name, expected] of Object.entries(golden.controls ?? {})) {
    const id = `controls.${name}`;
    yield await guarded(id, async () => {
      const check = checks[name];
      if (check === undefined) return { id, ok: false, error: 'nothing replays it' };
      const [got, want] = [await check(golden, runs), expected].map((value) => JSON.stringify(value));
      return { id, ok: got === want, ...(got !== want && { error: `expected ${want}, got ${got}` }) };
    });
  }
}

/** Our runs by the names of the golden ones. */
class Runs {
  constructor(
    readonly golden: Golden,
    readonly recorder: Recorder,
    readonly backend: Backend,
  ) {}

  of({ name, resumed }: Pick<GoldenRun, 'name' | 'resumed'>): Promise<Recording> {
    const run = this.golden.runs?.find((candidate) => candidate.name === name && candidate.resumed === resumed);
    if (run === undefined) throw new Error(`no run ${name}`);
    return this.recorder.record(this.golden, run, this.backend);
  }

  again(name: string): Promise<Recording> {
    return this.recorder.again(this.golden, name, this.backend);
  }
}

function wholeRuns({ runs = [] }: Golden): GoldenRun[] {
  return runs.filter(({ stopped_after_iter }) => stopped_after_iter === null);
}

async function resumedEqualsStraight(name: string, runs: Runs): Promise<boolean> {
  const [straight, resumed] = [
    await runs.of({ name, resumed: false }),
    await runs.of({ name: `resume-${name}`, resumed: true }),
  ];
  const from = straight.iters.length - resumed.iters.length;
  return isSame({ ...straight, iters: straight.iters.slice(from) }, resumed);
}

/** Bit for bit: every iteration, and all weights at the end. */
function isSame(a: Pick<Recording, 'iters' | 'end'>, b: Pick<Recording, 'iters' | 'end'>): boolean {
  const bits = ({ iters, end }: Pick<Recording, 'iters' | 'end'>): string =>
    JSON.stringify([iters, [...end.weights].map(([name, { data }]) => [name, Array.from(data, String)])]);
  return bits(a) === bits(b);
}

function hasLearnt({ iters, vals }: Recording): boolean {
  const loss = iters.at(-1)?.outputs['loss'] ?? Number.NaN;
  return loss < LEARNT.loss && Number(vals.at(-1)?.metrics['val/accuracy']) > LEARNT.accuracy;
}
