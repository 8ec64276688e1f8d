import type { Backend, Communicator, EngineError, Logger, ParameterLike, Platform } from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { MetricValues } from '@engine/evaluator';
import type { StorageBackend } from '@engine/fileio';
import type { LogProcessorLike, MessageHubLike, ProgressLine } from '@engine/logging';
import type { TrainableModel } from '@engine/model';
import type { OptimWrapperLike } from '@engine/optim';
import type { ParamScheduler } from '@engine/scheduler';
import type { VisualizerLike } from '@engine/visualization';
import type * as tf from '@tensorflow/tfjs-core';
import type { SaveOptions } from './checkpoint.js';

/** What the training loop shows of itself. */
export interface LoopView {
  readonly byEpoch: boolean;
  /** Finished epochs. */
  readonly epoch: number;
  /** Finished iterations. */
  readonly iter: number;
  readonly maxEpochs: number;
  readonly maxIters: number;
  readonly dataloader: DataLoaderLike;
  readonly stopRequested: boolean;
}

export interface EvalLoopView {
  readonly dataloader: DataLoaderLike;
}

/** A call of a hook that has ended; times are those of `platform.monotonic()`, in milliseconds. */
export interface HookCall {
  readonly hook: string;
  readonly point: string;
  readonly start: number;
  readonly end: number;
}
export type HookCallListener = (call: HookCall) => void;

/** The run as a hook sees it: facts, the run's own services, and the few things a hook may ask for. */
export interface RunContext {
  readonly workDir: string;
  /** `workDir/timestamp`. */
  readonly logDir: string;
  /** `YYYYMMDD_HHMMSS`, local, the same on every rank. */
  readonly timestamp: string;
  readonly experimentName: string;
  readonly seed: number;
  readonly engineVersion: string;
  /** The config as plain JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** True when this run continues from a checkpoint. */
  readonly resumed: boolean;

  /** Index of the current epoch in train points, number of finished epochs elsewhere; 0 without a train loop. */
  readonly epoch: number;
  /** Index of the current iteration in train points, number of finished iterations elsewhere. */
  readonly iter: number;
  readonly maxEpochs: number;
  readonly maxIters: number;
  /** True from the start of a training step to the end of its hooks, and in the hooks of the end of an epoch: a checkpoint that a failure there leaves does not continue exactly. */
  readonly isMidStep: boolean;
  /** Undefined when only validating or testing. */
  readonly trainLoop: LoopView | undefined;
  readonly valLoop: EvalLoopView | undefined;
  readonly testLoop: EvalLoopView | undefined;

  readonly backend: Backend;
  readonly model: TrainableModel;
  readonly parameters: ReadonlyMap<string, ParameterLike>;
  /** Undefined when only validating or testing. */
  readonly optimWrapper: OptimWrapperLike | undefined;
  readonly paramSchedulers: readonly ParamScheduler[];

  readonly logger: Logger;
  readonly messageHub: MessageHubLike;
  readonly logProcessor: LogProcessorLike;
  readonly visualizer: VisualizerLike;
  readonly progress: ProgressLine;
  readonly storage: StorageBackend;
  readonly platform: Platform;
  readonly communicator: Communicator;
  readonly isMainProcess: boolean;

  /** True in iterations n, 2n, ... (1-based), counted from `start`; never for n <= 0. */
  everyNTrainIters(n: number, start?: number): boolean;
  everyNEpochs(n: number, start?: number): boolean;
  everyNInnerIters(batchIdx: number, n: number): boolean;
  isLastTrainIter(): boolean;
  isLastTrainEpoch(): boolean;

  /** Runs `fn` in a tensor scope; for tensor work after an `await`. */
  tidy<T>(fn: () => T): T;
  /** Keeps a tensor until the key is taken again or the run ends. */
  keep<T extends tf.Tensor>(key: string, tensor: T): T;
  /** How many tensors hooks keep by now. */
  readonly keptTensors: number;
  /**
   * Ends training after the current iteration's hooks. Asked for inside an epoch, the epoch is left and a checkpoint saved at that place;
   * asked for at its end, the epoch is finished and validated as MMEngine's `stop_training`. Final hooks run in either case.
   */
  requestStop(reason: string): void;
  /** Writes a checkpoint atomically and resolves with its path; see {@link SaveOptions.whenSaved} for when. Does not touch `last_checkpoint`. */
  saveCheckpoint(options: SaveOptions): Promise<string>;
  /**
   * Writes a copy of a checkpoint with what stands under `keys` alone (`model`, `ema`, `optim`, `hook`, `schedulers`, `messageHub`), named
   * after its content: `epoch_3-1a2b3c4d.safetensors`. Resolves with its path.
   */
  publishCheckpoint(path: string, keys: readonly string[]): Promise<string>;
  /** Makes `path` what `--resume` continues from. */
  markLastCheckpoint(path: string): Promise<void>;
  /** The error a hook throws to end the run, with its name and the position in it. */
  fail(
    message: string,
    parts?: { readonly expected?: string; readonly action?: string; readonly cause?: unknown },
  ): EngineError;
  /** Lets `model` stand in for the model of the run, e.g. in tests; undefined ends that, as does the end of the call. */
  useModel(model: TrainableModel | undefined): void;
  /** Calls `listener` after each call of a hook until the returned function is called. */
  onHookCall(listener: HookCallListener): () => void;
  /** Metrics of the latest validation, if any. */
  readonly lastMetrics: MetricValues | undefined;
}
