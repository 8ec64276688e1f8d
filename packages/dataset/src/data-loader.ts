import type { Recipe } from '@engine/core/plain';
import { batchCount, batchesFrom, batchIndices } from './batch-indices.js';
import { BatchMaker } from './batch-maker.js';
import type { BatchSampler, Collate, DataLoaderLike, Dataset, HostBatchLike, Sampler } from './contract.js';
import { dataLoaderEntry } from './data-loader-entry.js';
import { defaultCollate, defaultCollateEntry } from './default-collate.js';
import { DefaultSampler } from './default-sampler.js';
import { datasetErrors } from './errors.js';
import { type Iteration, localBatches } from './local-batches.js';
import { nameOf } from './naming.js';
import { pseudoCollate, pseudoCollateEntry } from './pseudo-collate.js';
import { SampleSource } from './sample-source.js';
import { Crew } from './worker/crew.js';
import type { WorkerHost } from './worker/protocol.js';
import { type ModuleSource, wireOf } from './worker/transfer.js';

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
  /** Of the run, for `workerInitFn` (default 0). */
  readonly rank?: number | undefined;
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

/**
 * Batches of a dataset, in host memory. What an epoch yields is a function of (seed, epoch) alone: `batches(k)` after a resume
 * starts at batch k without loading what came before. A few batches are made ahead; errors surface at their batch.
 *
 * With `numWorkers` threads make the batches, in shared memory, each with the dataset made again there (what `share()` gives is not
 * loaded twice). One iteration at a time; `close()` ends the threads.
 *
 * @throws `ENGINE_DATASET_BAD_OPTION`, `ENGINE_DATASET_OPTION_CONFLICT`, `ENGINE_DATASET_NOT_TRANSFERABLE` when made
 */
export class DataLoader implements DataLoaderLike {
  static readonly entry = dataLoaderEntry((init) => new DataLoader(init));
  readonly dataset: Dataset;
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly #prefetch: number;
  readonly #maker: BatchMaker;
  readonly #init: DataLoaderInit;
  readonly #maxRefetch: number;
  #crew: Promise<Crew> | undefined;
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
    this.#maker = new BatchMaker(new SampleSource(dataset, { seed, maxRefetch }), init.collateFn ?? defaultCollate);
    this.#init = init;
    this.#maxRefetch = maxRefetch;
    if (this.numWorkers > 0) this.#wires(); // what cannot travel is told now
  }

  /** Threads that make batches; 0: this one. */
  get numWorkers(): number {
    return this.#init.numWorkers ?? 0;
  }

  get length(): number {
    this.#checkReady();
    return this.#init.batchSampler?.length ?? batchCount(this.sampler.length, this);
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
   * @throws `ENGINE_DATASET_NOT_READY`, `_BAD_POSITION`, `_SAMPLE_FAILED`, `_NO_SAMPLE`, `_WORKER_DIED`, `_WORKER_TIMEOUT`, and what the collate function throws
   */
  async *batches(startBatch = 0): AsyncGenerator<HostBatchLike> {
    const { batchSampler } = this.#init;
    const isEndless = (batchSampler ?? this.sampler).isEndless === true;
    checkPosition(startBatch, isEndless ? Number.POSITIVE_INFINITY : this.length);
    const [epoch, session] = [this.#epoch, this.#session];
    const { batchSize, dropLast } = this;
    const groups =
      batchSampler === undefined
        ? batchIndices(this.sampler.indices(epoch), { batchSize, dropLast, startBatch })
        : batchesFrom(batchSampler.batches(epoch), startBatch);
    const iteration: Iteration = { groups, epoch, isOpen: () => session === this.#session };
    if (this.numWorkers === 0) yield* localBatches(this.#maker, iteration, this.#prefetch);
    else yield* this.#workerBatches(iteration);
  }

  async *#workerBatches(iteration: Iteration): AsyncGenerator<HostBatchLike> {
    this.#checkReady();
    this.#crew ??= this.#hire().catch((error: unknown) => {
      this.#crew = undefined;
      throw error;
    });
    const crew = await this.#crew;
    try {
      yield* crew.batches(iteration);
    } finally {
      if (crew.isOver || this.#init.persistentWorkers === false) await this.#dismiss();
    }
  }

  async #hire(): Promise<Crew> {
    const { workerHost, numWorkers = 0, prefetchFactor = 2, timeout = 0, seed = 0, rank = 0 } = this.#init;
    const host = workerHost ?? (await import('./node/index.js')).nodeWorkers();
    const parts = { ...this.#wires(), shared: this.dataset.share?.(), maxRefetch: this.#maxRefetch };
    const starts = Array.from({ length: numWorkers }, (_, workerId) => ({
      ...parts,
      place: { workerId, numWorkers, rank, seed },
    }));
    const name = nameOf(this.dataset);
    try {
      return new Crew({ host, starts, prefetchFactor, timeout, name });
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'DataCloneError') throw cause;
      throw datasetErrors.NOT_TRANSFERABLE({
        subject: name,
        expected: 'a dataset whose share() and metainfo are plain data',
        received: cause.message,
        action: 'keep functions and class instances out of metainfo, or set numWorkers: 0',
        cause,
      });
    }
  }

  async #dismiss(): Promise<void> {
    const crew = this.#crew;
    this.#crew = undefined;
    await (await crew)?.close();
  }

  #wires() {
    const { rebuild, collateFn } = this.#init;
    const collate = rebuild?.collateFn ?? knownCollate(collateFn);
    return {
      dataset: wireOf(rebuild?.dataset, { kind: 'dataset', option: 'dataset', name: nameOf(this.dataset) }),
      collateFn:
        collateFn === undefined && collate === undefined
          ? undefined
          : wireOf(collate, { kind: 'collate', option: 'collateFn', name: collateFn?.name ?? 'collateFn' }),
      workerInitFn:
        rebuild?.workerInitFn === undefined
          ? undefined
          : wireOf(rebuild.workerInitFn, { kind: 'workerInitFn', option: 'workerInitFn', name: 'workerInitFn' }),
    };
  }

  /** Ends iterations under way and the workers, forgets the batches made ahead. */
  async close(): Promise<void> {
    this.#session += 1;
    await this.#dismiss();
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

/** The collate functions of this package can travel without being told how. */
function knownCollate(collate: Collate | undefined): ModuleSource | undefined {
  const entry =
    collate === defaultCollate ? defaultCollateEntry : collate === pseudoCollate ? pseudoCollateEntry : undefined;
  return entry === undefined ? undefined : { module: '@engine/dataset', export: entry.export };
}

declare module '@engine/registry' {
  interface DataLoaders {
    DataLoader: typeof DataLoader;
  }
  interface KindTables {
    dataLoader: DataLoaders;
  }
}
