import { EngineError } from '@engine/core/plain';
import { describeThrown } from './compose.js';
import type { HostBatchLike, Sample } from './contract.js';
import { datasetErrors } from './errors.js';
import type { IterableDataset, StreamContext } from './iterable-dataset.js';
import { nameOf } from './naming.js';

/** What a stream is cut into. */
export interface StreamInit {
  readonly dataset: IterableDataset;
  readonly ctx: StreamContext;
  readonly batchSize: number;
  readonly dropLast: boolean;
  /** Samples of this rank left in the epoch. */
  readonly left: number;
  /** Batches made ahead of the one in use. */
  readonly prefetch: number;
  readonly collate: (samples: readonly Sample[]) => HostBatchLike;
  isOpen(): boolean;
}

/** Batches of a stream, read ahead as far as `prefetch` says. The stream is closed when the iteration ends. */
export async function* streamBatches(init: StreamInit): AsyncGenerator<HostBatchLike> {
  const reader = batchesOf(init);
  const ahead: Promise<IteratorResult<HostBatchLike>>[] = [];
  try {
    while (init.isOpen()) {
      while (ahead.length <= init.prefetch) {
        const next = reader.next(); // a generator answers calls one after the other
        next.catch(() => undefined); // reported when its turn comes, if it does
        ahead.push(next);
      }
      const next = await ahead.shift();
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    await reader.return(undefined);
  }
}

async function* batchesOf({
  dataset,
  ctx,
  batchSize,
  dropLast,
  left,
  collate,
}: StreamInit): AsyncGenerator<HostBatchLike> {
  let batch: Sample[] = [];
  let count = 0;
  if (left === 0) return;
  for await (const sample of guarded(dataset, ctx)) {
    count += 1;
    if (sample !== null) batch.push(sample);
    if (batch.length === batchSize) {
      yield collate(batch);
      batch = [];
    }
    if (count === left) break;
  }
  if (batch.length > 0 && !dropLast) yield collate(batch);
}

/** The samples; what the stream throws is told with the place at which it did. */
async function* guarded(dataset: IterableDataset, ctx: StreamContext): AsyncGenerator<Sample | null> {
  let place = ctx.start;
  try {
    for await (const sample of dataset.samples(ctx)) {
      yield sample;
      place += 1;
    }
  } catch (cause) {
    throw datasetErrors.SAMPLE_FAILED({
      subject: `${nameOf(dataset)}, sample ${place} of epoch ${ctx.epoch}`,
      expected: 'a sample',
      received: cause instanceof EngineError ? `${cause.code}: ${cause.received}` : describeThrown(cause),
      action: 'look at the cause',
      cause,
    });
  }
}
