import type { HostArray, HostDType } from '@engine/core/plain';
import type { WorkerPlace } from './worker-seed.js';

/** One sample: a plain object of host arrays and plain values. `inputs` goes into the network, `samples` holds its label or annotations. */
export interface Sample {
  readonly inputs: HostArray | unknown;
  readonly samples?: unknown;
  readonly [key: string]: unknown;
}

/** Facts about a dataset that travel to metrics, visualizers and checkpoints, e.g. `classes`. */
export interface DatasetMeta {
  readonly classes?: readonly string[];
  readonly [key: string]: unknown;
}

/** Random access to samples. Nothing in it touches a tensor. */
export interface Dataset {
  readonly metainfo: DatasetMeta;
  /** Loads annotations; called once, before `length` or `get`, and cheap when repeated. */
  init(): Promise<void>;
  readonly length: number;
  /** True for evaluation, where no other sample may stand in for one that is null. Default: false. */
  readonly testMode?: boolean;
  /** How many other samples a loader may try for one that is null. Default: the loader's. */
  readonly maxRefetch?: number | undefined;
  /**
   * The sample at `index`, transforms applied; null asks for another one (not in test mode).
   * Pure in (index, ctx): augmentation draws from `sampleRandom(ctx)` only. The caller does not write into its arrays.
   */
  get(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null>;
  /** What `init` found out, as plain data and shared memory: called after `init`, for `adopt` in worker threads. */
  share?(): unknown;
  /** Called in a worker thread in place of `init`, in the tick in which the dataset is made: takes over what `share` gave. */
  adopt?(shared: unknown): void | Promise<void>;
}

/** Where a sample's randomness comes from: keyed by (seed, epoch, index), so it never depends on workers or order. */
export interface SampleContext {
  readonly seed: number;
  readonly epoch: number;
  readonly index: number;
  /** Place in the pipeline (`1`, `1.0` when nested), so that two transforms draw different numbers. Set by `Compose`. */
  readonly stream?: string;
  /**
   * Makes, once, an array in the row of the batch that is this sample's, so that stacking need not copy it. Set by the loader, used by
   * `Compose` at its end. Leave it out of the context of samples that you keep.
   */
  readonly row?: MakeArray | undefined;
}

/** Makes a host array of zeros. */
export type MakeArray = <D extends HostDType>(dtype: D, shape: readonly number[]) => HostArray<D>;

/** Changes one sample. */
export interface Transform {
  /**
   * Called once a sample, in pipeline order. Returns the sample to go on with, or null to have another one drawn;
   * what it changes it makes anew, since arrays it is given may be views of the dataset.
   */
  transform(
    sample: Record<string, unknown>,
    ctx: SampleContext,
  ): Record<string, unknown> | null | Promise<Record<string, unknown> | null>;
  /**
   * Optional, the same for less work: takes samples, and may return one, in which a field is a `LazyArray`. `Compose` calls it in place of
   * `transform`, and computes what is lazy before a transform without it and at its end. Computed, both give the same.
   */
  defer?(
    sample: Record<string, unknown>,
    ctx: SampleContext,
  ): Record<string, unknown> | null | Promise<Record<string, unknown> | null>;
}

/** The order of samples: a pure function of (seed, epoch, rank, world size). */
export interface Sampler {
  /** Indices this rank sees in one epoch. */
  readonly length: number;
  /** True when `indices` never ends; `length` then only tells what counts as one pass. Default false. */
  readonly isEndless?: boolean;
  /** Indices of one epoch for this rank, in order. An endless sampler yields for ever. */
  indices(epoch: number): Iterable<number>;
}

/** Which samples make which batch, where that is more than the sampler's order cut into pieces. */
export interface BatchSampler {
  /** Batches of one epoch on this rank. */
  readonly length: number;
  /** True when `batches` never ends. Default false. */
  readonly isEndless?: boolean;
  /** The indices of each batch of an epoch, in order: a pure function of the epoch and of what it was made from. */
  batches(epoch: number): Iterable<readonly number[]>;
}

/** What a batch sampler is made from. */
export interface BatchSamplerArgs {
  readonly dataset: Dataset & { getDataInfo?(index: number): Record<string, unknown> };
  /** Of this rank. */
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;
}

/** Makes a batch of samples; the arrays it returns belong to the batch. */
export type Collate = (samples: readonly Sample[], memory: CollateContext) => Record<string, unknown>;

/** What a collate function may use. */
export interface CollateContext {
  /** Makes an array of the batch; from a worker thread it travels without a copy. It is the batch's alone: a worker has it no more then. */
  readonly zeros: MakeArray;
  /** The array of which these are the rows, where the samples' arrays were made in place: nothing is left to copy. */
  readonly stacked?: (rows: readonly unknown[]) => HostArray | undefined;
}

/** Called once in each worker thread, before the dataset is made there. */
export type WorkerInitFn = (place: WorkerPlace) => void | Promise<void>;

/** Yields batches. Its position is (epoch, batch), given by the loop; resuming costs no replay. */
export interface DataLoaderLike {
  readonly dataset: Dataset;
  readonly sampler: Sampler;
  /** Batches an epoch. */
  readonly length: number;
  /** True when `batches()` never ends; `length` then only tells what counts as one pass. Default false. */
  readonly isEndless?: boolean;
  /** Samples a batch (the last may be smaller). */
  readonly batchSize: number;
  /** Prepares the dataset. Called before the first `batches`. */
  init(): Promise<void>;
  /** The epoch that the next `batches()` draws; set by DistSamplerSeedHook. */
  setEpoch(epoch: number): void;
  readonly epoch: number;
  /** Batches of the current epoch from `startBatch` (default 0) on. Leaving the loop early is fine. */
  batches(startBatch?: number): AsyncIterable<HostBatchLike>;
  /** Stops workers, forgets prefetched batches. */
  close(): Promise<void>;
}

/** A collated batch: `inputs` stacked `(N, ...)`, `samples` collated the same way. */
export interface HostBatchLike {
  readonly inputs: HostArray | readonly HostArray[];
  readonly samples?: unknown;
  readonly [key: string]: unknown;
}

declare module '@engine/core' {
  interface Kinds {
    dataset: Dataset;
    transform: Transform;
    dataSampler: Sampler;
    batchSampler: BatchSampler;
    collate: Collate;
    workerInitFn: WorkerInitFn;
    dataLoader: DataLoaderLike;
  }
  interface BuildArgs {
    dataSampler: {
      readonly dataset: { readonly length: number };
      readonly seed: number;
      readonly rank: number;
      readonly worldSize: number;
    };
    batchSampler: BatchSamplerArgs;
    /** `seed`: of the run, for shuffling and augmentation. */
    dataLoader: { readonly seed: number };
  }
}
