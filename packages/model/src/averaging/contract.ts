import type { HostArray, ParameterLike } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { LoadOptions } from '../state-dict.js';

/** A tensor of a model that is saved and not trained. */
export interface BufferLike {
  readonly name: string;
  readonly shape: readonly number[];
  /** Owned by the module; float32, or int32 where PyTorch has int64. */
  readonly value: tf.Variable;
}

/** A model whose weights can be averaged. */
export interface Averageable {
  namedParameters(): ReadonlyMap<string, ParameterLike>;
  namedBuffers?(): ReadonlyMap<string, BufferLike>;
}

/** Averages of a model's weights over the steps of a training, beside the model. */
export interface AveragedModel {
  /** Updates so far. */
  readonly steps: number;
  /** Whether buffers are averaged too; else they follow the model's. */
  readonly updateBuffers: boolean;
  /** Tensors it owns. */
  readonly ownedTensors: number;
  /** Takes the model's weights of now into the averages; the first call copies them. Synchronous, nothing is read back. */
  updateParameters(model?: Averageable): void;
  /** Lets the averages be the model's weights of now, without counting a step. */
  follow(model?: Averageable): void;
  /** Exchanges the averages and the model's weights (and buffers, where they are averaged). Copies no data. */
  swap(): void;
  /** `steps` and `module.<name>`, as PyTorch's averaged models name them, in our layout. */
  stateDict(): Promise<Map<string, HostArray>>;
  /** @throws `ENGINE_MODEL_STATE_MISMATCH` */
  loadStateDict(state: ReadonlyMap<string, HostArray>, options?: LoadOptions): void;
  /** Frees the averages, not the model. */
  dispose(): void;
}

declare module '@engine/core' {
  interface Kinds {
    averagedModel: AveragedModel;
  }
  interface BuildArgs {
    /** The model, or a function that gives it once it is there: averages are made when they are first needed. */
    averagedModel: { readonly model: Averageable | (() => Averageable) };
  }
}
