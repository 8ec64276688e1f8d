import type { Dataset, DatasetMeta, Sample } from './contract.js';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';

/** Which samples of a stream are wanted. */
export interface StreamContext {
  readonly seed: number;
  readonly epoch: number;
  readonly rank: number;
  readonly worldSize: number;
  /** How many samples of this rank's share to leave out at the start: where a resumed run goes on. */
  readonly start: number;
}

/** What a stream yields: a sample, null for a place that has none, or a function that makes it, called by the one thread that wants it. */
export type StreamItem = Sample | null | (() => Sample | null | Promise<Sample | null>);

/**
 * Samples that come one after the other and have no index: a log, a generator, records of a large file. The stream itself says the
 * order, and deals samples out to the ranks. With workers each of them reads it, and keeps the batches that are its own: yield functions
 * where making a sample costs more than reading past it.
 */
export abstract class IterableDataset implements Dataset {
  abstract readonly metainfo: DatasetMeta;
  /** Samples of all ranks in one epoch, or Infinity. An epoch ends with the stream or after this rank's share, whichever comes first. */
  abstract readonly length: number;

  /**
   * This rank's samples of an epoch, from `start` on: a pure function of the context. Skipping should cost less than reading; null leaves
   * its place in the batch empty.
   */
  abstract samples(ctx: StreamContext): Iterable<StreamItem> | AsyncIterable<StreamItem>;

  async init(): Promise<void> {}

  /** @throws `ENGINE_DATASET_NOT_IMPLEMENTED` always */
  get(index: number): never {
    throw datasetErrors.NOT_IMPLEMENTED({
      subject: `${nameOf(this)}[${index}]`,
      expected: 'a dataset with samples at indices',
      received: 'one that can only be iterated',
      action: 'iterate over samples(ctx); wrappers and samplers need a dataset with get(index, ctx)',
    });
  }
}
