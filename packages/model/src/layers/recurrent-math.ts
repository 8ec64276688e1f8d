/** One time step of each kind of recurrent cell. (N, gates * H) are pre-activations, in PyTorch's order of gates. */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../parameter.js';

/** Weights of one layer in one direction. */
export interface CellWeights {
  /** (gates * H, inputs). */
  readonly input: Parameter;
  /** (gates * H, H). */
  readonly hidden: Parameter;
  readonly inputBias: Parameter | undefined;
  readonly hiddenBias: Parameter | undefined;
  /** (projSize, H), LSTM only. */
  readonly projection?: Parameter | undefined;
}

/** Hidden state, and the memory of an LSTM. */
export interface CellState {
  readonly h: tf.Tensor;
  readonly c?: tf.Tensor;
}

export interface CellKind {
  /** How many blocks of H rows the weights have. */
  readonly gates: number;
  /** `x` and `h` are the weighted input and hidden state, biases included. */
  step(x: tf.Tensor, h: tf.Tensor, state: CellState): CellState;
}

/** Gates input, forget, cell, output. Hochreiter and Schmidhuber 1997. */
export const lstmCell: CellKind = {
  gates: 4,
  step(x, h, { c }) {
    const [i, f, g, o] = tf.split(tf.add(x, h), 4, -1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const kept = tf.mul(tf.sigmoid(f), c as tf.Tensor);
    const memory = tf.add(kept, tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return { h: tf.mul(tf.sigmoid(o), tf.tanh(memory)), c: memory };
  },
};

/** Gates reset, update, new. Cho et al. 2014. */
export const gruCell: CellKind = {
  gates: 3,
  step(x, h, state) {
    const [xr, xz, xn] = tf.split(x, 3, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [hr, hz, hn] = tf.split(h, 3, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const fresh = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)));
    return { h: tf.add(fresh, tf.mul(tf.sigmoid(tf.add(xz, hz)), tf.sub(state.h, fresh))) };
  },
};

export const tanhCell: CellKind = { gates: 1, step: (x, h) => ({ h: tf.tanh(tf.add(x, h)) }) };
export const reluCell: CellKind = { gates: 1, step: (x, h) => ({ h: tf.relu(tf.add(x, h)) }) };

/** `x weight^T + bias` of rows. */
export function weighted(x: tf.Tensor, weight: Parameter, bias: Parameter | undefined): tf.Tensor {
  const product = tf.matMul(x as tf.Tensor2D, weight.value as tf.Tensor2D, false, true);
  return bias === undefined ? product : tf.add(product, bias.value);
}

/** One step from the weighted input `x`. */
export function advance(
  kind: CellKind,
  weights: CellWeights,
  { x, state }: { x: tf.Tensor; state: CellState },
): CellState {
  const next = kind.step(x, weighted(state.h, weights.hidden, weights.hiddenBias), state);
  return weights.projection === undefined ? next : { ...next, h: weighted(next.h, weights.projection, undefined) };
}
