import type { BatchMaker } from './batch-maker.js';
import type { HostBatchLike } from './contract.js';

/** The batches that one iteration over a loader yields. */
export interface Iteration {
  /** Indices of each batch. */
  readonly groups: Iterator<readonly number[]>;
  readonly epoch: number;
  /** False once the loader was closed. */
  isOpen(): boolean;
}

/** Batches made in this thread, up to `prefetch` ahead of the one in use. Errors surface at their batch. */
export async function* localBatches(
  maker: BatchMaker,
  { groups, epoch, isOpen }: Iteration,
  prefetch: number,
): AsyncGenerator<HostBatchLike> {
  const ahead: Promise<HostBatchLike>[] = [];
  while (isOpen()) {
    for (let room = prefetch + 1 - ahead.length; room > 0; room--) {
      const group = groups.next();
      if (group.done === true) break;
      const batch = new Promise<HostBatchLike>((resolve) => resolve(maker.make(group.value, epoch)));
      batch.catch(() => undefined); // reported when its turn comes, if it does
      ahead.push(batch);
    }
    const batch = ahead.shift();
    if (batch === undefined) return;
    yield await batch;
  }
}
