import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { uniform } from '../initializers.js';
import { shapeText } from '../losses/reduction.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { CallCounter } from './call-counter.js';
import { advance, type CellKind, type CellState, type CellWeights, weighted } from './recurrent-math.js';

export interface RecurrentOptions {
  /** Layers one above the other; default 1. */
  readonly numLayers?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Inputs and outputs are (N, L, ...) instead of (L, N, ...); states are not concerned. Default false. */
  readonly batchFirst?: boolean;
  /** Probability with which elements between layers are dropped while training; default 0. */
  readonly dropout?: number;
  /** Also reads backwards; outputs of both directions stand side by side. Default false. */
  readonly bidirectional?: boolean;
}

interface Sizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** 0 for none. */
  readonly projSize: number;
}

/** A layer's output, and the states that it ends with, (layers * directions, N, H) or, unbatched, (layers * directions, H). */
export interface RecurrentResult {
  readonly output: tf.Tensor;
  readonly states: readonly tf.Tensor[];
}

/** What LSTM, GRU and RNN have in common: weights named as in PyTorch, `weight_ih_l0` to `bias_hh_l1_reverse`, and the loop over time. */
export abstract class RecurrentBase extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** 0 for none. */
  readonly projSize: number;
  /** By PyTorch's names, in its order. */
  readonly weights: Readonly<Record<string, Parameter>>;
  readonly #kind: CellKind;
  readonly #calls = new CallCounter(this);

  constructor(kind: CellKind, { inputSize, hiddenSize, projSize }: Sizes, options: RecurrentOptions) {
    super();
    const name = new.target.name;
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false } = options;
    checkIntegers(name, 1, { inputSize, hiddenSize, numLayers });
    checkIntegers(name, 0, { projSize });
    if (!(dropout >= 0 && dropout <= 1)) throw badOption(name, 'dropout in [0, 1]', `dropout = ${dropout}`);
    if (projSize >= hiddenSize) throw badOption(name, 'projSize below hiddenSize', `projSize = ${projSize}`);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.projSize = projSize;
    this.numLayers = numLayers;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.#kind = kind;
    this.weights = this.#makeWeights(bias);
  }

  override parts(): Iterable<readonly [name: string, value: unknown]> {
    return Object.entries(this.weights);
  }

  /** Width of the output and of the hidden state. */
  get outputSize(): number {
    return this.projSize === 0 ? this.hiddenSize : this.projSize;
  }

  /** Reads a sequence; `given` are the initial states, zeros by default. */
  protected run(x: tf.Tensor, given: readonly tf.Tensor[] | undefined): RecurrentResult {
    const axes = this.batchFirst ? '(N, L, ' : '(L, N, ';
    const expected = `(L, ${this.inputSize}) or ${axes}${this.inputSize})`;
    if (x.rank !== 2 && x.rank !== 3) checkInput(this, x, { rank: 3, last: this.inputSize, expected });
    checkInput(this, x, { last: this.inputSize, expected });
    const isBatched = x.rank === 3;
    const swaps = isBatched && this.batchFirst;
    const sequence = isBatched ? (swaps ? tf.transpose(x, [1, 0, 2]) : x) : tf.expandDims(x, 1);
    const initial = this.#initialStates(sequence.shape[1] as number, given, isBatched);
    const { output, states } = this.#layers(sequence as tf.Tensor3D, initial);
    const packed = this.#packed(states);
    if (!isBatched) return { output: tf.squeeze(output, [1]), states: packed.map((state) => tf.squeeze(state, [1])) };
    return { output: swaps ? tf.transpose(output, [1, 0, 2]) : output, states: packed };
  }

  #layers(sequence: tf.Tensor3D, initial: readonly CellState[]): { output: tf.Tensor; states: CellState[] } {
    const states: CellState[] = [];
    let output: tf.Tensor = sequence;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const read = this.#directions.map((suffix, direction) => {
        const at = layer * this.#directions.length + direction;
        return this.#read(output, this.#cellWeights(`l${layer}${suffix}`), {
          state: initial[at] as CellState,
          reverse: direction === 1,
        });
      });
      states.push(...read.map(({ state }) => state));
      output = tf.concat(
        read.map((each) => each.output),
        -1,
      );
      if (layer < this.numLayers - 1) output = this.#dropped(output);
    }
    return { output, states };
  }

  /** One layer in one direction: (L, N, inputs) → (L, N, H). */
  #read(
    x: tf.Tensor,
    weights: CellWeights,
    { state: first, reverse }: { readonly state: CellState; readonly reverse: boolean },
  ): { output: tf.Tensor; state: CellState } {
    const [length, batch, width] = x.shape as [number, number, number];
    const rows = weighted(tf.reshape(x, [-1, width]), weights.input, weights.inputBias);
    const steps = tf.unstack(tf.reshape(rows, [length, batch, -1]));
    const outputs: tf.Tensor[] = [];
    let state = first;
    for (const step of reverse ? [...steps].reverse() : steps) {
      // copied: the tape holds this very array
      state = advance(this.#kind, weights, { x: step, state });
      outputs.push(state.h);
    }
    return { output: tf.stack(reverse ? outputs.reverse() : outputs), state };
  }

  #dropped(x: tf.Tensor): tf.Tensor {
    if (!this.training || this.dropout === 0) return x;
    if (this.dropout === 1) return tf.mul(x, 0);
    const mask = this.stepContext.dropoutMask([x.size], 1 - this.dropout, this.#calls.next());
    return tf.mul(x, tf.reshape(mask, x.shape));
  }

  get #directions(): readonly string[] {
    return this.bidirectional ? ['', '_reverse'] : [''];
  }

  /** Widths of the states: hidden, and memory where the kind has one. */
  get #stateWidths(): readonly number[] {
    return this.#kind.gates === 4 ? [this.outputSize, this.hiddenSize] : [this.outputSize];
  }

  #initialStates(batch: number, given: readonly tf.Tensor[] | undefined, isBatched: boolean): CellState[] {
    const count = this.numLayers * this.#directions.length;
    const states = this.#stateWidths.map((width, i) => {
      const state = given?.[i];
      if (state === undefined) return Array.from({ length: count }, () => tf.zeros([batch, width]));
      const expected = isBatched ? [count, batch, width] : [count, width];
      if (!tf.util.arraysEqual(state.shape, expected)) throw wrongState(this, state, expected);
      return tf.unstack(tf.reshape(state, [count, batch, width]));
    });
    return Array.from({ length: count }, (_, i) => {
      const c = states[1]?.[i];
      return { h: states[0]?.[i] as tf.Tensor, ...(c !== undefined && { c }) };
    });
  }

  #packed(states: readonly CellState[]): tf.Tensor[] {
    const hidden = tf.stack(states.map(({ h }) => h));
    const memories = states.flatMap(({ c }) => (c === undefined ? [] : [c]));
    return memories.length === 0 ? [hidden] : [hidden, tf.stack(memories)];
  }

  #makeWeights(bias: boolean): Record<string, Parameter> {
    const weights: Record<string, Parameter> = {};
    const bound = 1 / Math.sqrt(this.hiddenSize);
    const rows = this.#kind.gates * this.hiddenSize;
    const add = (name: string, ...shape: number[]): void => {
      weights[name] = new Parameter(shape, uniform(-bound, bound));
    };
    for (let layer = 0; layer < this.numLayers; layer++) {
      const inputs = layer === 0 ? this.inputSize : this.outputSize * this.#directions.length;
      for (const suffix of this.#directions) {
        const place = `l${layer}${suffix}`;
        add(`weight_ih_${place}`, rows, inputs);
        add(`weight_hh_${place}`, rows, this.outputSize);
        if (bias) for (const name of ['bias_ih', 'bias_hh']) add(`${name}_${place}`, rows);
        if (this.projSize > 0) add(`weight_hr_${place}`, this.projSize, this.hiddenSize);
      }
    }
    return weights;
  }

  #cellWeights(place: string): CellWeights {
    const { weights } = this;
    return {
      input: weights[`weight_ih_${place}`] as Parameter,
      hidden: weights[`weight_hh_${place}`] as Parameter,
      inputBias: weights[`bias_ih_${place}`],
      hiddenBias: weights[`bias_hh_${place}`],
      projection: weights[`weight_hr_${place}`],
    };
  }
}

export function wrongState(layer: Module, state: tf.Tensor, expected: readonly number[]): Error {
  return modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected: `an initial state of shape (${expected.join(', ')})`,
    received: shapeText(state),
    action: 'states are (layers * directions, N, H), whatever batchFirst says',
  });
}
