import type { SavedState, StepOutputs } from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import type { HostBatch } from '@engine/model';
import type { CheckpointDraft, LoadedCheckpoint } from './checkpoint.js';
import type { CustomHookPoints } from './hook-points.js';
import type { Priority } from './priority.js';
import type { RunContext } from './run-context.js';

type MaybePromise<T> = T | Promise<T>;

export interface IterInfo {
  /** Index within the epoch (epoch-based loops) or global iteration (iteration-based loops). */
  readonly batchIdx: number;
  readonly batch: HostBatch;
}

export interface TrainIterInfo extends IterInfo {
  /** Live on the device until the last hook of this point has returned; `await outputs.read('loss')`. */
  readonly outputs: StepOutputs;
}

export interface EvalIterInfo extends IterInfo {
  /** What the model predicted; its tensors are freed after the last hook of this point. */
  readonly predictions: unknown;
}

export interface MetricsInfo {
  readonly metrics: MetricValues;
}

type CustomMethods = {
  [P in keyof CustomHookPoints]?: (ctx: RunContext, info: CustomHookPoints[P]) => MaybePromise<void>;
};

/**
 * Something that acts at points of a run: any subset of the points of `hook-points.ts`.
 *
 * A method's synchronous start runs in a tensor scope, so tensors made there need no care. After an `await`, compute inside
 * `ctx.tidy(...)`; keep what must outlive the call with `ctx.keep(key, tensor)`. Methods are awaited one hook after the other.
 */
export interface Hook extends CustomMethods {
  /** Shown in listings and errors. */
  readonly name: string;
  /** Default `NORMAL`. */
  readonly priority?: Priority;
  beforeRun?(ctx: RunContext): MaybePromise<void>;
  afterLoadCheckpoint?(ctx: RunContext, info: { readonly checkpoint: LoadedCheckpoint }): MaybePromise<void>;
  beforeTrain?(ctx: RunContext): MaybePromise<void>;
  beforeTrainEpoch?(ctx: RunContext): MaybePromise<void>;
  beforeTrainIter?(ctx: RunContext, info: IterInfo): MaybePromise<void>;
  afterTrainIter?(ctx: RunContext, info: TrainIterInfo): MaybePromise<void>;
  afterTrainEpoch?(ctx: RunContext): MaybePromise<void>;
  beforeVal?(ctx: RunContext): MaybePromise<void>;
  beforeValEpoch?(ctx: RunContext): MaybePromise<void>;
  beforeValIter?(ctx: RunContext, info: IterInfo): MaybePromise<void>;
  afterValIter?(ctx: RunContext, info: EvalIterInfo): MaybePromise<void>;
  afterValEpoch?(ctx: RunContext, info: MetricsInfo): MaybePromise<void>;
  afterVal?(ctx: RunContext): MaybePromise<void>;
  beforeSaveCheckpoint?(ctx: RunContext, info: { readonly checkpoint: CheckpointDraft }): MaybePromise<void>;
  afterTrain?(ctx: RunContext): MaybePromise<void>;
  beforeTest?(ctx: RunContext): MaybePromise<void>;
  beforeTestEpoch?(ctx: RunContext): MaybePromise<void>;
  beforeTestIter?(ctx: RunContext, info: IterInfo): MaybePromise<void>;
  afterTestIter?(ctx: RunContext, info: EvalIterInfo): MaybePromise<void>;
  afterTestEpoch?(ctx: RunContext, info: MetricsInfo): MaybePromise<void>;
  afterTest?(ctx: RunContext): MaybePromise<void>;
  onException?(ctx: RunContext, info: { readonly error: unknown }): MaybePromise<void>;
  afterRun?(ctx: RunContext): MaybePromise<void>;
  /** What the hook must remember across kill and resume; called at each save. Saved under the hook's state key. */
  stateDict?(): MaybePromise<SavedState>;
  /** Given back before `beforeTrain` when resuming. */
  loadStateDict?(state: SavedState): void;
  /** Tensors that the hook owns beyond its calls: they are no leak. */
  readonly ownedTensors?: number;
  /** Frees them; called when the runner is disposed. */
  dispose?(): void;
  /** Default: the name, with a number where several hooks share it. */
  readonly stateKey?: string;
}
