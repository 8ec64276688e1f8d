import type * as tf from '@tensorflow/tfjs-core';
import { badOption } from '../check-input.js';
import { RecurrentBase, type RecurrentOptions } from './recurrent-base.js';
import { gruCell, lstmCell, reluCell, tanhCell } from './recurrent-math.js';

export interface LSTMOptions extends RecurrentOptions {
  /** Width to which hidden states are projected; default 0, not at all. */
  readonly projSize?: number;
}

/** Long short-term memory: (L, N, inputSize), or (N, L, inputSize) with `batchFirst`, → outputs of the last layer, and its states. */
export class LSTM extends RecurrentBase {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inputSize: number, hiddenSize: number, { projSize = 0, ...options }: LSTMOptions = {}) {
    super(lstmCell, { inputSize, hiddenSize, projSize }, options);
  }

  /** `state` is [hidden, memory]. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(
    x: tf.Tensor,
    state?: readonly [h: tf.Tensor, c: tf.Tensor],
  ): [output: tf.Tensor, state: [h: tf.Tensor, c: tf.Tensor]] {
    const { output, states } = this.run(x, state);
    return [output, states as [tf.Tensor, tf.Tensor]];
  }
}

/** Gated recurrent units: (L, N, inputSize), or (N, L, inputSize) with `batchFirst`, → outputs of the last layer, and its state. */
export class GRU extends RecurrentBase {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(gruCell, { inputSize, hiddenSize, projSize: 0 }, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, state?: tf.Tensor): [output: tf.Tensor, state: tf.Tensor] {
    const { output, states } = this.run(x, state && [state]);
    return [output, states[0] as tf.Tensor];
  }
}

export interface RNNOptions extends RecurrentOptions {
  /** Default `tanh`. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

/** Elman's network: (L, N, inputSize), or (N, L, inputSize) with `batchFirst`, → outputs of the last layer, and its state. */
export class RNN extends RecurrentBase {
  readonly nonlinearity: 'tanh' | 'relu';

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inputSize: number, hiddenSize: number, { nonlinearity = 'tanh', ...options }: RNNOptions = {}) {
    super(cellOf('RNN', nonlinearity), { inputSize, hiddenSize, projSize: 0 }, options);
    this.nonlinearity = nonlinearity;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, state?: tf.Tensor): [output: tf.Tensor, state: tf.Tensor] {
    const { output, states } = this.run(x, state && [state]);
    return [output, states[0] as tf.Tensor];
  }
}

export function cellOf(layer: string, nonlinearity: string): typeof tanhCell {
  if (nonlinearity === 'tanh') return tanhCell;
  if (nonlinearity === 'relu') return reluCell;
  throw badOption(layer, "nonlinearity 'tanh' or 'relu'", `nonlinearity = ${nonlinearity}`);
}
