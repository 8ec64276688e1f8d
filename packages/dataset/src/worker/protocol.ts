/** What the loader and its workers say to each other, and what a platform brings to run them. */
import type { SkippedSample } from '../skipped.js';
import type { WorkerPlace } from '../worker-seed.js';
import type { Wire } from './transfer.js';
import type { WireError } from './wire-error.js';

/** What a worker is told when it starts. Plain data and shared memory. */
export interface WorkerStart {
  readonly dataset: Wire;
  /** Of the dataset's `share()`. */
  readonly shared: unknown;
  /** Default: `defaultCollate`. */
  readonly collateFn: Wire | undefined;
  readonly workerInitFn: Wire | undefined;
  readonly place: WorkerPlace;
  readonly maxRefetch: number;
  /** Damaged samples are errors. */
  readonly strict: boolean;
  /** One int32: batches of iterations before this one are no longer wanted. */
  readonly current: SharedArrayBuffer;
}

/** Make a batch. */
export interface BatchRequest {
  readonly id: number;
  readonly iteration: number;
  readonly epoch: number;
  readonly indices: readonly number[];
}

/** Ready, could not start, or the answer to a request: a batch, an error, or neither when it is no longer wanted. */
export type WorkerReport =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: WireError }
  | {
      readonly type: 'batch';
      readonly id: number;
      readonly batch: unknown;
      /** Damaged samples that were met. */
      readonly skipped: readonly SkippedSample[];
    }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError }
  | { readonly type: 'skipped'; readonly id: number };

/** Starts workers. Node's is `nodeWorkers` of `@engine/dataset/node`. */
export interface WorkerHost {
  /** Starts one worker, which runs `serveBatches`. It belongs to the caller. */
  spawn(start: WorkerStart, events: WorkerEvents): WorkerHandle;
}

export interface WorkerEvents {
  report(report: WorkerReport): void;
  /** The worker is gone, for whatever reason; called once, and not after `terminate`. */
  died(how: string): void;
}

export interface WorkerHandle {
  request(request: BatchRequest): void;
  /** Whether the process stays alive for the sake of this worker. */
  keepAlive(on: boolean): void;
  terminate(): Promise<void>;
}
