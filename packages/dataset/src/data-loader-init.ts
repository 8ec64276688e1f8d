import type { Logger, Recipe } from '@engine/core/plain';
import type { BatchSampler, Collate, Dataset, Sampler } from './contract.js';
import { defaultCollate, defaultCollateEntry } from './default-collate.js';
import { DefaultSampler } from './default-sampler.js';
import { datasetErrors } from './errors.js';
import { IterableDataset } from './iterable-dataset.js';
import { nameOf } from './naming.js';
import { pseudoCollate, pseudoCollateEntry } from './pseudo-collate.js';
import { StreamOrder } from './stream-order.js';
import type { WorkerHost } from './worker/protocol.js';
import type { ModuleSource } from './worker/transfer.js';

/** What a data loader is made of. */
export interface DataLoaderInit {
  readonly dataset: Dataset;
  /** Samples a batch, on this rank. */
  readonly batchSize: number;
  /** Default: a {@link DefaultSampler} for one process. */
  readonly sampler?: Sampler | undefined;
  /** Puts the batches together. It is made for the same sampler, batch size and `dropLast`. Default: the sampler's order, cut into pieces. */
  readonly batchSampler?: BatchSampler | undefined;
  /** Shuffle every epoch anew (default false). Not together with `sampler`. */
  readonly shuffle?: boolean | undefined;
  /** Leave out the last batch when it is smaller (default false). */
  readonly dropLast?: boolean | undefined;
  /** Default {@link defaultCollate}. */
  readonly collateFn?: Collate | undefined;
  /** Of shuffling and augmentation (default 0). */
  readonly seed?: number | undefined;
  /** Batches made ahead of the one in use (default 2); they overlap where samples are loaded asynchronously. */
  readonly prefetch?: number | undefined;
  /** How many other samples to try for one that is null. Default: the dataset's own, else 1000. */
  readonly maxRefetch?: number | undefined;
  /**
   * Stop at a damaged sample (`ENGINE_DATASET_BAD_SAMPLE`). Default false: another sample stands in for it, as for one that is null, and
   * damaged ones are counted and named at the end of the epoch. In test mode a damaged sample is always an error.
   */
  readonly strict?: boolean | undefined;
  /** Is told of damaged samples. Default: silent; `skipped` of the loader has them too. */
  readonly logger?: Logger | undefined;
  /** Threads that make batches. Default 0: this one. The batches are the same for any number. */
  readonly numWorkers?: number | undefined;
  /** Batches that each worker makes ahead (default 2). */
  readonly prefetchFactor?: number | undefined;
  /** Keep workers from one iteration to the next (default true); false starts them anew each time. */
  readonly persistentWorkers?: boolean | undefined;
  /** Seconds that a worker may take for the next batch. Default 0: for ever. */
  readonly timeout?: number | undefined;
  /** How workers make the parts again. Configs bring this along; objects made by hand need it when `numWorkers` is not 0. */
  readonly rebuild?: Rebuild | undefined;
  /** Of the run (default 0 of 1), for `workerInitFn` and streams; a sampler has its own. */
  readonly rank?: number | undefined;
  readonly worldSize?: number | undefined;
  /** What starts workers. Default: Node's worker threads. */
  readonly workerHost?: WorkerHost | undefined;
}

/** How the parts of a loader are made again in a worker thread. */
export interface Rebuild {
  readonly dataset: ModuleSource | Recipe | undefined;
  readonly collateFn?: ModuleSource | Recipe | undefined;
  /** Called once in each worker, before the dataset is made there. */
  readonly workerInitFn?: ModuleSource | Recipe | undefined;
}

/** @throws `ENGINE_DATASET_BAD_OPTION`, `ENGINE_DATASET_OPTION_CONFLICT` */
export function checkInit(init: DataLoaderInit): void {
  const { batchSize, prefetch = 0, maxRefetch = 0, numWorkers = 0, prefetchFactor = 1, timeout = 0 } = init;
  checkCount('batchSize', batchSize, 1);
  checkCount('prefetch', prefetch);
  checkCount('maxRefetch', maxRefetch);
  checkCount('numWorkers', numWorkers);
  checkCount('prefetchFactor', prefetchFactor, 1);
  if (!Number.isFinite(timeout) || timeout < 0) {
    throw datasetErrors.BAD_OPTION({
      subject: 'timeout',
      expected: 'seconds, at least 0',
      received: `timeout = ${timeout}`,
      action: 'pass a number of seconds, or 0 to wait for ever',
    });
  }
  if (init.dataset instanceof IterableDataset) checkStream(init);
  if (init.sampler !== undefined && init.shuffle !== undefined) {
    throw datasetErrors.OPTION_CONFLICT({
      expected: 'sampler or shuffle, not both',
      received: `shuffle = ${init.shuffle} and sampler = ${nameOf(init.sampler)}`,
      action: 'remove shuffle, and tell the sampler whether to shuffle',
    });
  }
}

export function checkCount(name: string, value: number, least = 0): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw datasetErrors.BAD_OPTION({
    subject: name,
    expected: `an integer of at least ${least}`,
    received: `${name} = ${value}`,
    action: `pass ${least} or more`,
  });
}

export function checkPosition(startBatch: number, length: number): void {
  if (Number.isSafeInteger(startBatch) && startBatch >= 0 && startBatch <= length) return;
  throw datasetErrors.BAD_POSITION({
    expected: `a batch from 0 to ${length}, the length of the epoch`,
    received: `startBatch = ${startBatch}`,
    action: 'resume with the batch size, world size and dataset of the saved run, or start the epoch anew',
  });
}

/** The sampler of a loader that is given none. */
export function samplerOf(
  { dataset, rank, worldSize }: DataLoaderInit,
  { seed, shuffle }: { seed: number; shuffle: boolean },
): Sampler {
  if (!(dataset instanceof IterableDataset)) return new DefaultSampler({ dataset, seed }, { shuffle });
  return new StreamOrder({ dataset, rank, worldSize });
}

/** A stream has an order of its own, and is read by one thread. */
function checkStream({ dataset, sampler, batchSampler, shuffle, numWorkers = 0 }: DataLoaderInit): void {
  const wrong = [
    sampler !== undefined && !(sampler instanceof StreamOrder) && `sampler = ${nameOf(sampler)}`,
    batchSampler !== undefined && `batchSampler = ${nameOf(batchSampler)}`,
    shuffle === true && 'shuffle = true',
    numWorkers > 0 && `numWorkers = ${numWorkers}`,
  ].filter((each) => each !== false);
  if (wrong.length === 0) return;
  throw datasetErrors.OPTION_CONFLICT({
    subject: nameOf(dataset),
    expected: 'neither sampler, batchSampler, shuffle nor workers for a dataset that can only be iterated',
    received: wrong.join(', '),
    action: 'remove them: the stream itself says the order of its samples',
  });
}

/** The collate functions of this package can travel without being told how. */
export function knownCollate(collate: Collate | undefined): ModuleSource | undefined {
  const entry =
    collate === defaultCollate ? defaultCollateEntry : collate === pseudoCollate ? pseudoCollateEntry : undefined;
  return entry === undefined ? undefined : { module: '@engine/dataset', export: entry.export };
}
