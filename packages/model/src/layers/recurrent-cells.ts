/** Single time steps, for loops of one's own. */
import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers } from '../check-input.js';
import { uniform } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { cellOf, type RNNOptions } from './recurrent.js';
import { wrongState } from './recurrent-base.js';
import { advance, type CellKind, type CellState, gruCell, lstmCell, weighted } from './recurrent-math.js';

export interface CellOptions {
  /** Default true. */
  readonly bias?: boolean;
}

abstract class BaseCell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly biasIh: Parameter | undefined;
  readonly biasHh: Parameter | undefined;
  readonly #kind: CellKind;

  // oxlint-disable-next-line max-params -- the kind, then PyTorch's order
  constructor(kind: CellKind, inputSize: number, hiddenSize: number, { bias = true }: CellOptions) {
    super();
    checkIntegers(new.target.name, 1, { inputSize, hiddenSize });
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const bound = 1 / Math.sqrt(hiddenSize);
    const make = (stateName: string, ...columns: number[]): Parameter =>
      new Parameter([kind.gates * hiddenSize, ...columns], uniform(-bound, bound), { stateName });
    this.weightIh = make('weight_ih', inputSize);
    this.weightHh = make('weight_hh', hiddenSize);
    this.biasIh = bias ? make('bias_ih') : undefined;
    this.biasHh = bias ? make('bias_hh') : undefined;
    this.#kind = kind;
  }

  /** One step of rows (N, inputSize), or of one vector (inputSize). */
  protected step(x: tf.Tensor, given: readonly (tf.Tensor | undefined)[]): CellState {
    checkInput(this, x, { last: this.inputSize, expected: `(N, ${this.inputSize}) or (${this.inputSize})` });
    const isBatched = x.rank > 1;
    const rows = tf.reshape(x, [-1, this.inputSize]);
    const shape = [rows.shape[0] as number, this.hiddenSize];
    const [h, c] = [0, 1].map((i) => {
      const state = given[i];
      if (state === undefined) return tf.zeros(shape);
      const expected = isBatched ? shape : shape.slice(1);
      if (!tf.util.arraysEqual(state.shape, expected)) throw wrongState(this, state, expected);
      return tf.reshape(state, shape);
    }) as [tf.Tensor, tf.Tensor];
    const weights = {
      input: this.weightIh,
      hidden: this.weightHh,
      inputBias: this.biasIh,
      hiddenBias: this.biasHh,
    };
    const next = advance(this.#kind, weights, { x: weighted(rows, this.weightIh, this.biasIh), state: { h, c } });
    if (isBatched) return next;
    const single = (state: tf.Tensor): tf.Tensor => tf.reshape(state, [this.hiddenSize]);
    return { h: single(next.h), ...(next.c !== undefined && { c: single(next.c) }) };
  }
}

/** One step of an LSTM: (N, inputSize) → hidden state and memory (N, hiddenSize). */
export class LSTMCell extends BaseCell {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(lstmCell, inputSize, hiddenSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, state?: readonly [h: tf.Tensor, c: tf.Tensor]): [h: tf.Tensor, c: tf.Tensor] {
    const { h, c } = this.step(x, state ?? []);
    return [h, c as tf.Tensor];
  }
}

/** One step of a GRU: (N, inputSize) → hidden state (N, hiddenSize). */
export class GRUCell extends BaseCell {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(gruCell, inputSize, hiddenSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, state?: tf.Tensor): tf.Tensor {
    return this.step(x, [state]).h;
  }
}

/** One step of Elman's network: (N, inputSize) → hidden state (N, hiddenSize). */
export class RNNCell extends BaseCell {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = 'tanh', ...options }: CellOptions & Pick<RNNOptions, 'nonlinearity'> = {},
  ) {
    super(cellOf('RNNCell', nonlinearity), inputSize, hiddenSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, state?: tf.Tensor): tf.Tensor {
    return this.step(x, [state]).h;
  }
}
