import type { HostBatchLike, Sample } from './contract.js';
import type { IterableDataset, StreamContext } from './iterable-dataset.js';
import { StreamReader } from './stream-reader.js';

/** How a stream is cut into batches. */
export interface StreamCut {
  readonly batchSize: number;
  readonly dropLast: boolean;
  /** Samples of this rank in the epoch. */
  readonly length: number;
  /** The first that is wanted. */
  readonly start: number;
}

/** What a stream is cut into. */
export interface StreamInit {
  readonly dataset: IterableDataset;
  readonly ctx: StreamContext;
  readonly cut: StreamCut;
  /** Batches made ahead of the one in use. */
  readonly prefetch: number;
  readonly collate: (samples: readonly Sample[]) => HostBatchLike;
  isOpen(): boolean;
}

/** The places of each batch: whatever is null there, batch k begins at place k x batchSize. */
export function* streamGroups({ batchSize, dropLast, length, start }: StreamCut): Generator<number[]> {
  for (let from = start; from < length; from += batchSize) {
    const size = Math.min(batchSize, length - from);
    if (size < batchSize && dropLast) return;
    yield Array.from({ length: size }, (_, i) => from + i);
  }
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

async function* batchesOf({ dataset, ctx, cut, collate }: StreamInit): AsyncGenerator<HostBatchLike> {
  const reader = new StreamReader(dataset, ctx);
  try {
    for (const places of streamGroups(cut)) {
      const from = places[0] as number;
      const piece = await reader.take(from, from + places.length);
      if (piece === undefined || (!piece.isWhole && cut.dropLast)) return;
      yield collate(piece.samples);
      if (!piece.isWhole) return;
    }
  } finally {
    await reader.close();
  }
}
