import type { Sampler } from './contract.js';

export interface Batching {
  readonly batchSize: number;
  readonly dropLast: boolean;
}

/** Number of batches that so many samples make. */
export function batchCount(samples: number, { batchSize, dropLast }: Batching): number {
  return dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
}

/** The indices of each batch of an epoch from `startBatch` on; what comes before is counted past, not loaded. */
export function* batchIndices(
  order: ReturnType<Sampler['indices']>,
  { batchSize, dropLast, startBatch }: Batching & { readonly startBatch: number },
): Generator<number[]> {
  let skip = startBatch * batchSize;
  let batch: number[] = [];
  for (const index of order) {
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    batch.push(index);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0 && !dropLast) yield batch;
}

/** The batches of a batch sampler from `startBatch` on. */
export function* batchesFrom(batches: Iterable<readonly number[]>, startBatch: number): Generator<readonly number[]> {
  let skip = startBatch;
  for (const batch of batches) {
    if (skip > 0) skip -= 1;
    else yield batch;
  }
}
