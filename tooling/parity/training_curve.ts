import { readFile } from 'node:fs/promises';
import type { Backend } from '@engine/core';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { guarded } from './harness/guarded.js';
import { compareRun } from './training_curve/compare-run.js';
import { replayControls } from './training_curve/controls.js';
import { withDueValidation } from './training_curve/due-validation.js';
import { configNameOf, type Golden, type GoldenRun } from './training_curve/golden.js';
import { Recorder } from './training_curve/recorder.js';

const recorder = new Recorder();

/** Whole runs from our own initialisation: curves, log lines, scalars, files, states, also of runs that were broken off and resumed. */
export const area: ParityArea = {
  name: 'training_curve',
  tolerance:
    'losses 1e-5 + 20 times the effect of one unit in the last place of the initial weights; schedules relative 1e-9; all else exact',
  context: ['setup', 'sensitivity'],
  async *replay(file, { backend }) {
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    for (const [i, run] of (golden.runs ?? []).entries())
      yield await guarded(`runs[${i}]`, () => replayRun(`runs[${i}]`, run, { golden, backend }));
    yield* replayControls(golden, recorder, backend);
  },
};

async function replayRun(
  id: string,
  run: GoldenRun,
  { golden, backend }: { readonly golden: Golden; readonly backend: Backend },
): Promise<ReplayResult> {
  const sensitivity = golden.sensitivity[configNameOf(run)];
  if (sensitivity === undefined) return { id, ok: false, error: `no sensitivity for ${run.name}` };
  const recording = await recorder.record(golden, run, backend);
  const due = withDueValidation(recording, run, golden);
  const { fault, maxError } = compareRun(recording, due ?? run, sensitivity);
  return {
    id,
    ok: fault === undefined,
    maxError,
    ...(fault !== undefined && { error: `${run.name}: ${fault}` }),
    ...(due !== undefined && { remark: `${run.name}: does the validation that was due when it was saved` }),
  };
}
