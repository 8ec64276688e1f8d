import { batchCount, batchesFrom, batchIndices } from './batch-indices.js';
import { BatchMaker } from './batch-maker.js';
import type { DataLoaderLike, Dataset, HostBatchLike, Sampler } from './contract.js';
import { dataLoaderEntry } from './data-loader-entry.js';
import {
  checkCount,
  checkInit,
  checkPosition,
  type DataLoaderInit,
  knownCollate,
  samplerOf,
} from './data-loader-init.js';
import { defaultCollate } from './default-collate.js';
import { datasetErrors } from './errors.js';
import { IterableDataset } from './iterable-dataset.js';
import { type Iteration, localBatches } from './local-batches.js';
import { nameOf } from './naming.js';
import { SampleSource } from './sample-source.js';
import { type SkippedSample, SkippedSamples } from './skipped.js';
import { streamBatches } from './stream-batches.js';
import { Crew } from './worker/crew.js';
import { wireOf } from './worker/transfer.js';

/**
 * Batches of a dataset, in host memory. What an epoch yields is a function of (seed, epoch) alone: `batches(k)` after a resume
 * starts at batch k without loading what came before. A few batches are made ahead; errors surface at their batch.
 *
 * With `numWorkers` threads make the batches, which travel without a copy, each with the dataset made again there (what `share()` gives is not
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
  readonly #skipped = new SkippedSamples();
  #crew: Promise<Crew> | undefined;
  #epoch = 0;
  #session = 0;
  #ready = false;
  #preparing: Promise<void> | undefined;

  constructor(init: DataLoaderInit) {
    checkInit(init);
    const { dataset, seed = 0, shuffle = false, maxRefetch = dataset.maxRefetch ?? 1000 } = init;
    this.dataset = dataset;
    this.sampler = init.sampler ?? samplerOf(init, { seed, shuffle });
    this.batchSize = init.batchSize;
    this.dropLast = init.dropLast ?? false;
    this.#prefetch = init.prefetch ?? 2;
    this.#maker = new BatchMaker(
      new SampleSource(dataset, { seed, maxRefetch, strict: init.strict }),
      init.collateFn ?? defaultCollate,
    );
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

  get isEndless(): boolean {
    return (this.#init.batchSampler ?? this.sampler).isEndless === true;
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
    if (this.dataset instanceof IterableDataset) return yield* this.#streamed(this.dataset, startBatch);
    checkPosition(startBatch, this.isEndless ? Number.POSITIVE_INFINITY : this.length);
    const [epoch, session] = [this.#epoch, this.#session];
    const { batchSize, dropLast } = this;
    const { batchSampler } = this.#init;
    const groups =
      batchSampler === undefined
        ? batchIndices(this.sampler.indices(epoch), { batchSize, dropLast, startBatch })
        : batchesFrom(batchSampler.batches(epoch), startBatch);
    const iteration: Iteration = { groups, epoch, isOpen: () => session === this.#session };
    try {
      if (this.numWorkers === 0) yield* localBatches(this.#maker, iteration, this.#prefetch);
      else yield* this.#workerBatches(iteration);
    } finally {
      this.#tellSkipped();
    }
  }

  /** The damaged samples that others stood in for so far, each once. */
  get skipped(): readonly SkippedSample[] {
    this.#skipped.add(this.#maker.takeSkipped());
    return this.#skipped.list;
  }

  #tellSkipped(): void {
    this.#skipped.add(this.#maker.takeSkipped());
    const news = this.#skipped.news(nameOf(this.dataset));
    if (news !== undefined) this.#init.logger?.warn(news);
  }

  #streamed(dataset: IterableDataset, startBatch: number): AsyncGenerator<HostBatchLike> {
    checkPosition(startBatch, this.length);
    const { seed = 0, rank = 0, worldSize = 1 } = this.#init;
    const { batchSize, dropLast } = this;
    const [epoch, session, start] = [this.#epoch, this.#session, startBatch * batchSize];
    return streamBatches({
      dataset,
      ctx: { seed, epoch, rank, worldSize, start },
      batchSize,
      dropLast,
      left: Math.max(0, this.sampler.length - start),
      prefetch: this.#prefetch,
      collate: (samples) => this.#maker.collate(samples),
      isOpen: () => session === this.#session,
    });
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
    const shared = this.dataset.share?.();
    const parts = { ...this.#wires(), shared, maxRefetch: this.#maxRefetch, strict: this.#init.strict === true };
    const starts = Array.from({ length: numWorkers }, (_, workerId) => ({
      ...parts,
      place: { workerId, numWorkers, rank, seed },
    }));
    const name = nameOf(this.dataset);
    try {
      const onSkipped = this.#skipped.add.bind(this.#skipped);
      return new Crew({ host, starts, prefetchFactor, timeout, name, onSkipped });
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

declare module '@engine/registry' {
  interface DataLoaders {
    DataLoader: typeof DataLoader;
  }
  interface KindTables {
    dataLoader: DataLoaders;
  }
}
