import { tensorScope } from '@engine/core';
import type { HostBatch } from '@engine/model';
import type { OptimWrapperLike } from '@engine/optim';
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

/** One training iteration, as both kinds of loops run it: hooks, step, hooks. What the step returns is freed afterwards. */
export async function trainIteration(run: LoopRun, { batchIdx, batch, iter, closing }: TrainIteration): Promise<void> {
  await run.call('beforeTrainIter', { batchIdx, batch });
  run.beginStep(iter);
  const outputs = tensorScope(() => run.ctx.model.trainStep(batch, run.ctx.optimWrapper as OptimWrapperLike));
  closing(true);
  try {
    await run.call('afterTrainIter', { batchIdx, batch, outputs });
  } finally {
    outputs.dispose();
    closing(false);
  }
}
