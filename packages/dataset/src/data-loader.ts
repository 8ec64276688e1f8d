import { EngineError, isPromise } from '@engine/core';
import { batchCount, batchIndices } from './batch-indices.js';
import { describeThrown } from './compose.js';
import type { Collate, DataLoaderLike, Dataset, HostBatchLike, Sample, Sampler } from './contract.js';
import { dataLoaderEntry } from './data-loader-entry.js';
import { defaultCollate } from './default-collate.js';
import { DefaultSampler } from './default-sampler.js';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';
import { SampleSource } from './sample-source.js';

/** What a data loader is made of. */
export interface DataLoaderInit {
  readonly dataset: Dataset;
  /** Samples a batch, on this rank. */
  readonly batchSize: number;
  /** Default: a {@link DefaultSampler} for one process. */
  readonly sampler?: Sampler | undefined;
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
  /** Only 0: batches are made in this thread. */
  readonly numWorkers?: number | undefined;
}

/**
 * Batches of a dataset, in host memory. What an epoch yields is a function of (seed, epoch) alone: `batches(k)` after a resume
 * starts at batch k without loading what came before. A few batches are made ahead; errors surface at their batch.
 *
 * @throws `ENGINE_DATASET_BAD_OPTION`, `ENGINE_DATASET_OPTION_CONFLICT`, `ENGINE_DATASET_WORKERS_UNSUPPORTED` when made
 */
export class DataLoader implements DataLoaderLike {
  static readonly entry = dataLoaderEntry((init) => new DataLoader(init));
  readonly dataset: Dataset;
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly #prefetch: number;
  readonly #collate: Collate;
  readonly #source: SampleSource;
  #epoch = 0;
  #session = 0;
  #ready = false;
  #preparing: Promise<void> | undefined;

  constructor(init: DataLoaderInit) {
    checkInit(init);
    const { dataset, seed = 0, shuffle = false, maxRefetch = dataset.maxRefetch ?? 1000 } = init;
    this.dataset = dataset;
    this.sampler = init.sampler ?? new DefaultSampler({ dataset, seed }, { shuffle });
    this.batchSize = init.batchSize;
    this.dropLast = init.dropLast ?? false;
    this.#prefetch = init.prefetch ?? 2;
    this.#collate = init.collateFn ?? defaultCollate;
    this.#source = new SampleSource(dataset, { seed, maxRefetch });
  }

  get length(): number {
    this.#checkReady();
    return batchCount(this.sampler.length, this);
  }

  get epoch(): number {
    return this.#epoch;
  }

  setEpoch(epoch: number): void {
    checkCount('epoch', epoch);
    this.#epoch = epoch;
  }

  /** Prepares the dataset, once. @throws `ENGINE_DATASET_EMPTY`, or what the dataset throws; then it may be called again. */
  init(): Promise<void> {
    this.#preparing ??= this.#prepare().catch((error: unknown) => {
      this.#preparing = undefined;
      throw error;
    });
    return this.#preparing;
  }

  async #prepare(): Promise<void> {
    await this.dataset.init();
    if (this.dataset.length === 0) {
      throw datasetErrors.EMPTY({
        subject: nameOf(this.dataset),
        expected: 'at least one sample',
        received: 'length = 0',
        action: 'check the path, the split and the filters of the dataset',
      });
    }
    this.#ready = true;
  }

  /**
   * Batches of the current epoch from `startBatch` on; `setEpoch` meanwhile is for the next call.
   * @throws `ENGINE_DATASET_NOT_READY`, `ENGINE_DATASET_BAD_POSITION`, `ENGINE_DATASET_SAMPLE_FAILED`, `ENGINE_DATASET_NO_SAMPLE`, and what the collate function throws
   */
  async *batches(startBatch = 0): AsyncGenerator<HostBatchLike> {
    checkPosition(startBatch, this.sampler.isEndless === true ? Number.POSITIVE_INFINITY : this.length);
    const [epoch, session] = [this.#epoch, this.#session];
    const { batchSize, dropLast } = this;
    const groups = batchIndices(this.sampler.indices(epoch), { batchSize, dropLast, startBatch });
    const ahead: Promise<HostBatchLike>[] = [];
    while (session === this.#session) {
      for (let room = this.#prefetch + 1 - ahead.length; room > 0; room--) {
        const group = groups.next();
        if (group.done === true) break;
        ahead.push(this.#start(group.value, epoch));
      }
      const batch = ahead.shift();
      if (batch === undefined) return;
      yield await batch;
    }
  }

  /** Ends iterations under way and forgets the batches made ahead. */
  async close(): Promise<void> {
    this.#session += 1;
  }

  #start(indices: readonly number[], epoch: number): Promise<HostBatchLike> {
    const batch = new Promise<HostBatchLike>((resolve) => resolve(this.#load(indices, epoch)));
    batch.catch(() => undefined); // reported when its turn comes, if it does
    return batch;
  }

  #load(indices: readonly number[], epoch: number): HostBatchLike | Promise<HostBatchLike> {
    const samples: (Sample | Promise<Sample>)[] = [];
    try {
      for (const index of indices) samples.push(this.#source.get(index, epoch));
    } catch (error) {
      for (const sample of samples) if (isPromise(sample)) sample.catch(() => undefined); // the first error is the one to report
      throw error;
    }
    if (samples.some(isPromise))
      return Promise.all(samples.map((sample) => Promise.resolve(sample))).then((loaded) =>
        this.#collated(loaded, indices),
      );
    return this.#collated(samples as Sample[], indices);
  }

  #collated(samples: readonly Sample[], indices: readonly number[]): HostBatchLike {
    try {
      return this.#collate(samples) as HostBatchLike;
    } catch (cause) {
      if (cause instanceof EngineError) throw cause;
      throw datasetErrors.COLLATE_FAILED({
        subject: nameOf(this.dataset),
        expected: 'samples that the collate function takes',
        received: `${describeThrown(cause)}, for indices ${indices.join(', ')}`,
        action: 'fix the collate function or the samples; the cause has the stack',
        cause,
      });
    }
  }

  #checkReady(): void {
    if (this.#ready) return;
    throw datasetErrors.NOT_READY({
      subject: nameOf(this.dataset),
      expected: 'a data loader whose init() has resolved',
      received: 'one that was not prepared',
      action: 'call `await loader.init()` first',
    });
  }
}

function checkInit(init: DataLoaderInit): void {
  const { batchSize, prefetch = 0, maxRefetch = 0, numWorkers = 0 } = init;
  checkCount('batchSize', batchSize, 1);
  checkCount('prefetch', prefetch);
  checkCount('maxRefetch', maxRefetch);
  checkCount('numWorkers', numWorkers);
  if (numWorkers > 0) {
    throw datasetErrors.WORKERS_UNSUPPORTED({
      expected: 'numWorkers = 0; worker threads are not supported yet',
      received: `numWorkers = ${numWorkers}`,
      action: 'leave numWorkers out or set it to 0: batches are then made in the main thread',
    });
  }
  if (init.sampler !== undefined && init.shuffle !== undefined) {
    throw datasetErrors.OPTION_CONFLICT({
      expected: 'sampler or shuffle, not both',
      received: `shuffle = ${init.shuffle} and sampler = ${nameOf(init.sampler)}`,
      action: 'remove shuffle, and tell the sampler whether to shuffle',
    });
  }
}

function checkCount(name: string, value: number, least = 0): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw datasetErrors.BAD_OPTION({
    subject: name,
    expected: `an integer of at least ${least}`,
    received: `${name} = ${value}`,
    action: `pass ${least} or more`,
  });
}

function checkPosition(startBatch: number, length: number): void {
  if (Number.isSafeInteger(startBatch) && startBatch >= 0 && startBatch <= length) return;
  throw datasetErrors.BAD_POSITION({
    expected: `a batch from 0 to ${length}, the length of the epoch`,
    received: `startBatch = ${startBatch}`,
    action: 'resume with the batch size, world size and dataset of the saved run, or start the epoch anew',
  });
}

declare module '@engine/registry' {
  interface DataLoaders {
    DataLoader: typeof DataLoader;
  }
  interface KindTables {
    dataLoader: DataLoaders;
  }
}
