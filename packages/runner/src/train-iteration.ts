import { isPromise } from '@engine/core';
import type { HostBatch } from '@engine/model';
import type { LoopRun } from './loop.js';

export interface TrainIteration {
  /** Of the epoch, or of the run where it counts in iterations. */
  readonly batchIdx: number;
  readonly batch: HostBatch;
  /** Finished iterations. */
  readonly iter: number;
  /** Called when the step is done and its closing hooks begin, and when they have ended, well or not. */
  readonly closing: (isClosing: boolean) => void;
}

/**
 * One training iteration, as both kinds of loops run it: hooks, step, hooks. What the step returns is freed afterwards. Resolves with
 * false when nothing was trained because the caller of `trainBatches()` has left.
 */
export async function trainIteration(
  run: LoopRun,
  { batchIdx, batch, iter, closing }: TrainIteration,
): Promise<boolean> {
  await run.call('beforeTrainIter', { batchIdx, batch });
  run.beginStep(iter);
  const step = run.step(batch);
  const outputs = isPromise(step) ? await step : step;
  if (outputs === undefined) return false;
  closing(true);
  try {
    await run.call('afterTrainIter', { batchIdx, batch, outputs });
  } finally {
    outputs.dispose();
    closing(false);
  }
  return true;
}
