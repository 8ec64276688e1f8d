import type { DataLoaderLike, HostBatchLike } from '@engine/dataset';
import type { LoopRun } from './loop.js';

/** Batches that a pass over the loader has; infinite where it never ends. */
export function passLength({ isEndless, length }: DataLoaderLike): number {
  return isEndless === true ? Number.POSITIVE_INFINITY : length;
}

/**
 * The batches of a loader without an end: where a pass is over the next one begins, as the epoch after it. Which batch comes in which
 * iteration follows from its number alone, so a run is resumed without drawing what came before.
 *
 * `from`: batches used so far, over all passes.
 * @throws what the loader throws
 */
export async function* endlessBatches(
  loader: DataLoaderLike,
  { from, run }: { readonly from: number; readonly run: LoopRun },
): AsyncGenerator<HostBatchLike> {
  const length = passLength(loader);
  let start = from % length;
  for (let pass = Math.floor(from / length); ; pass += 1) {
    loader.setEpoch(pass);
    if (pass > 0 && start === 0) run.beginPass();
    yield* loader.batches(start);
    if (pass === 0) {
      run.ctx.logger.warn(
        `The training data ended after ${length} batches and goes on with its next pass; for one order without an end give the data loader sampler: { type: 'InfiniteSampler' }.`,
      );
    }
    start = 0;
  }
}
