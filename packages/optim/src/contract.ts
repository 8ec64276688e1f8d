import type { Backend, DeviceScalar, HostArray, JsonObject, ParameterLike, StepOutputs } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { OptimizableModel } from './constructors/contract.js';

/** Hyper-parameters that share values over some parameters. Schedulers write any field (`lr`, `betas`). */
export interface ParamGroup {
  readonly params: readonly ParameterLike[];
  lr: number;
  /** Set by the first scheduler: the value that schedules start from. */
  initialLr?: number;
  [field: string]: unknown;
}

/** How an update is to be made. */
export interface ApplyOptions {
  /**
   * A bool scalar: where the device finds it true, parameters and state tensors stay as they are. The host learns of it later, so the
   * counters move on; whoever passes `skip` calls `takeBack` before the next update, state or learning rate that depends on them.
   */
  readonly skip?: tf.Tensor | undefined;
}

/** Update rule over parameter groups. Update arithmetic runs on the device; group fields are JavaScript doubles and reach it as tensors. */
export interface Optimizer {
  readonly paramGroups: readonly ParamGroup[];
  /** The options, defaults filled in: what groups have where they say nothing. */
  readonly defaults: Readonly<{ lr: number; [field: string]: unknown }>;
  /**
   * One update. `grads` by parameter name; a parameter without an entry is skipped and its state does not move.
   * Synchronous; call it inside a tensor scope. Does not take ownership of the gradients.
   */
  apply(grads: ReadonlyMap<string, tf.Tensor>, options?: ApplyOptions): void;
  /** Takes back what the host has counted of the last `apply`, after its `skip` has turned out to be true. Optimizers that have it can skip updates. */
  takeBack?(): void;
  /** Group fields as JSON and state arrays named `<slot>/<parameter>`. */
  stateDict(): Promise<OptimizerState>;
  /** Exactly restores. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
  loadStateDict(state: OptimizerState): void;
  /** Frees the state tensors, not the parameters. */
  dispose(): void;
}

export interface OptimizerState {
  /** One object a group: its fields, and `params` as the names. */
  readonly paramGroups: readonly JsonObject[];
  readonly tensors: ReadonlyMap<string, HostArray>;
}

/** What a loss function returns: the loss, or the loss and further scalars to report. */
export type Losses = tf.Tensor | ({ readonly loss: tf.Tensor } & Readonly<Record<string, tf.Tensor>>);

/** The scalars of one update, also as properties: `const { loss } = optim.updateParams(...)`. `gradNorm` where gradients were clipped by norm. */
export type UpdateOutputs<L extends Losses> = StepOutputs & {
  readonly loss: DeviceScalar;
  readonly gradNorm?: DeviceScalar;
} & {
  readonly [N in L extends tf.Tensor ? never : Exclude<keyof L, keyof StepOutputs>]: DeviceScalar;
};

/** Sees gradients; keeps what it computes from them alive by itself. */
export type GradientListener = (grads: ReadonlyMap<string, tf.Tensor>) => void;

/** What `OptimWrapper` offers to models, schedulers, hooks and checkpoints. */
export interface OptimWrapperLike {
  readonly optimizer: Optimizer;
  /** The optimizer's groups; where there are several, one more that holds the defaults, so that schedules keep a plain base value. */
  readonly paramGroups: readonly ParamGroup[];
  /** Differentiates the loss, accumulates, and at the end of an accumulation window clips and steps. The outputs are freed at the next call. */
  updateParams<L extends Losses>(lossFn: () => L): UpdateOutputs<L>;
  /** Learning rate of every group, as `lr`, after `baseLr` where there are several groups. Of several wrappers: as `<wrapper>.lr`. */
  getLr(): Readonly<Record<string, readonly number[] | undefined>>;
  /** Momentum (or `betas[0]`) of every group, as `momentum`. Of several wrappers: as `<wrapper>.momentum`. */
  getMomentum(): Readonly<Record<string, readonly number[] | undefined>>;
  /** Tells the wrapper where the run stands, for the remainder of the last accumulation. */
  initializeCountStatus(initCount: number, maxCount: number): void;
  /**
   * Calls `listener` with the gradients of each batch by parameter name, as differentiated (of a loss that is scaled or divided for
   * accumulation, theirs), inside their tensor scope, until the returned function is called.
   */
  onGradients?(listener: GradientListener): () => void;
  /** Losses added up and not yet applied; 0 between windows. */
  readonly accumulatedCount?: number;
  /**
   * Learns from the device whether the last update was skipped (loss scaling, `errorIfNonfinite`); undefined where there is nothing to wait for.
   * The Runner awaits it after each iteration; without it the next `updateParams` reads synchronously. @throws `ENGINE_OPTIM_NON_FINITE_GRADIENT`
   */
  settle?(): Promise<void> | undefined;
  /** Updates skipped since the last one that was made, as far as the host knows; undefined for wrappers that do not skip. */
  readonly skippedInRow?: number | undefined;
  stateDict(): Promise<OptimWrapperState>;
  loadStateDict(state: OptimWrapperState): void;
  dispose(): void;
}

export interface OptimWrapperState extends OptimizerState {
  /** Counters, accumulation phase, loss scale. Accumulated gradients are in `tensors` as `accumulated/<parameter>`. */
  readonly values: JsonObject;
}

declare module '@engine/core' {
  interface Kinds {
    optimizer: Optimizer;
    optimWrapper: OptimWrapperLike;
  }
  interface BuildArgs {
    optimizer: { readonly params: Iterable<ParameterLike> | readonly OptimizerGroupInput[] };
    optimWrapper: {
      readonly params: Iterable<ParameterLike> | readonly OptimizerGroupInput[];
      /** The model that they belong to. */
      readonly model?: OptimizableModel;
      /** Where the model runs, initialised. */
      readonly backend?: Backend;
    };
  }
}

/** Parameters with fields of their own, which win over the optimizer's options. */
export interface OptimizerGroupInput {
  readonly params: Iterable<ParameterLike>;
  readonly [field: string]: unknown;
}
