import type { HostArray, ParameterLike, StepOutputs, TorchGenerator } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { BufferLike } from './averaging/contract.js';
import type { InitOptions } from './init/contract.js';
import type { ParameterPlace } from './module.js';
import type { StepPosition } from './step-context.js';

/** What `forward` is asked for: named losses, predictions for metrics, or the bare network output. */
export type Mode = 'loss' | 'predict' | 'tensor';

/** A collated batch on the host, as the data loader yields it. */
export interface HostBatch {
  /** What goes into the network; `(N, ...)` when stacked. */
  readonly inputs: HostArray | readonly HostArray[];
  /** Labels or annotations that go with it; int32 `(N)` for plain classification. */
  readonly samples?: unknown;
  readonly [key: string]: unknown;
}

/** Host batch → device tensors. Called inside the step's tensor scope, so what it makes needs no disposing. */
export interface DataPreprocessor {
  /** `position`: where the run stands, given while training; what is random in a preprocessor is a function of it. */
  process(batch: HostBatch, training: boolean, position?: StepPosition): PreprocessedBatch;
}

/** A batch on the device: what `forward` takes. */
export interface PreprocessedBatch {
  readonly inputs: tf.Tensor | readonly tf.Tensor[];
  readonly samples: unknown;
}

/** The part of an optimizer wrapper that a training step uses (owned by `@engine/optim`). */
export interface LossMinimizer {
  /** Differentiates and, when an accumulation is complete, steps. The result's values are freed at the next call. */
  updateParams(lossFn: () => LossResult): StepOutputs;
}

/** A scalar loss, or named scalars of which `loss` is the one to minimise. */
export type LossResult = tf.Tensor | ({ readonly loss: tf.Tensor } & Readonly<Record<string, tf.Tensor>>);

/** What the Runner, hooks and loops need of a model. `BaseModel` implements it. */
export interface TrainableModel {
  /** One optimisation step; the caller owns the outputs. Synchronous: nothing is read back. */
  trainStep(batch: HostBatch, optimWrapper: LossMinimizer): StepOutputs;
  /** Predictions of one validation batch; tensors in them belong to the caller. */
  valStep(batch: HostBatch, options?: EvalStepOptions): ValStepResult;
  testStep(batch: HostBatch, options?: EvalStepOptions): ValStepResult;
  /** Tells random layers where the run stands; called before each training step. A model without it is not random, or not reproducible. */
  beginStep?(position: StepPosition): void;
  /**
   * Draws initial values from PyTorch's random stream, in the order of PyTorch's constructors; called once, before training, with
   * `keep`: values that were loaded or drawn before stay.
   */
  initWeights?(source: TorchGenerator | number, options?: InitOptions): void;
  train(mode?: boolean): this;
  eval(): this;
  readonly training: boolean;
  /** Parameters by dotted name, in PyTorch's registration order; shared ones once. */
  namedParameters(): ReadonlyMap<string, ParameterLike>;
  /** Every place of every parameter with the module that holds it there, shared ones several times. Without it, `paramwiseCfg` goes by names alone. */
  parameterPlaces?(): Iterable<ParameterPlace>;
  /** Tensors that are saved and not trained, by dotted name. A model without it has none. */
  namedBuffers?(): ReadonlyMap<string, BufferLike>;
  /** Weights and buffers by dotted name, read back to the host in our memory layout. */
  stateDict(): Promise<Map<string, HostArray>>;
  /** Copies values in. `strict` (default true) demands exactly the same names. @throws `ENGINE_MODEL_STATE_MISMATCH` */
  loadStateDict(state: ReadonlyMap<string, HostArray>, options?: { readonly strict?: boolean }): void;
  dispose(): void;
}

export interface EvalStepOptions {
  /** Computes the losses too (`valCfg.loss`); default false. */
  readonly loss?: boolean;
}

export interface ValStepResult {
  /** What metrics see; shape is the model's business. */
  readonly predictions: unknown;
  /** Scalars of this batch when asked for: `loss` first, which is the sum of all losses, then the model's own by name. */
  readonly losses?: Readonly<Record<string, tf.Tensor>>;
}

declare module '@engine/core' {
  interface Kinds {
    model: TrainableModel;
    dataPreprocessor: DataPreprocessor;
  }
}
