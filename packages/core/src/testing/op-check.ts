/** Runs one op case: values and gradients, and whether the gradients agree with finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../host-array.js';
import { KeyedRandom } from '../random/keyed-random.js';
import type { OpCase, OpInput } from './op-case.js';

interface HostInput {
  readonly shape: number[];
  readonly values: Float32Array | Int32Array;
  /** Distance within which nothing happens that a derivative could not see. */
  readonly step: number;
}

/** What a case gives: its output and the gradient of each differentiable input under the weights of {@link weightsOf}. */
export interface OpResult {
  readonly output: Float32Array;
  readonly gradients: readonly Float32Array[];
}

function shuffled(count: number, random: KeyedRandom): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.nextInt(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** Inputs lie on grids that are half a step apart, so that two of them never meet either. */
function makeInput({ shape, values = 'spaced', below = 1 }: OpInput, place: number, random: KeyedRandom): HostInput {
  const count = sizeOf(shape);
  if (values === 'index')
    return { shape: [...shape], values: Int32Array.from({ length: count }, () => random.nextInt(below)), step: 1 };
  const step = Math.min(0.08, 4 / count);
  const offset = place % 2 === 0 ? 0.25 : 0.75;
  const lowest = values === 'positive' ? 0.3 + offset * step : (offset - Math.floor(count / 2)) * step;
  return { shape: [...shape], values: Float32Array.from(shuffled(count, random), (k) => lowest + k * step), step };
}

const inputsOf = (opCase: OpCase): HostInput[] => {
  const random = new KeyedRandom(7, opCase.name);
  return opCase.inputs.map((input, place) => makeInput(input, place, random));
};

const upload = ({ shape, values }: HostInput): tf.Tensor =>
  tf.tensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32');

const signed = (count: number, ...key: (number | string)[]): Float32Array => {
  const random = new KeyedRandom(11, ...key);
  return Float32Array.from({ length: count }, () => 2 * random.nextFloat() - 1);
};

const isFloat = ({ values }: HostInput): boolean => values instanceof Float32Array;

/** Output and gradients on TensorFlow.js's current backend. */
export async function runCase(opCase: OpCase): Promise<OpResult> {
  const inputs = inputsOf(opCase);
  const tensors = tf.tidy(() => {
    const all = inputs.map(upload);
    const differentiable = all.filter((_, i) => isFloat(inputs[i] as HostInput));
    const output = opCase.run(...all);
    const weights = tf.tensor(signed(output.size, opCase.name), output.shape);
    const gradients = tf.grads((...given: tf.Tensor[]) => {
      const rest = [...given];
      return opCase.run(
        ...all.map((tensor, i) => (isFloat(inputs[i] as HostInput) ? (rest.shift() as tf.Tensor) : tensor)),
      );
    })(differentiable, weights);
    return [output, ...gradients];
  });
  const [output, ...gradients] = (await Promise.all(tensors.map((tensor) => tensor.data()))) as [
    Float32Array,
    ...Float32Array[],
  ];
  tf.dispose(tensors);
  return { output, gradients };
}

/** Sum of the weighted output where every differentiable input has moved by `distance` along its direction; added in float64. */
async function objective(
  opCase: OpCase,
  inputs: readonly HostInput[],
  directions: readonly Float32Array[],
  distance: number,
): Promise<number> {
  const rest = [...directions];
  const moved = inputs.map((input) => {
    if (!isFloat(input)) return input;
    const direction = rest.shift() as Float32Array;
    return {
      ...input,
      values: Float32Array.from(input.values, (value, i) => value + distance * (direction[i] as number)),
    };
  });
  const output = tf.tidy(() => opCase.run(...moved.map(upload)));
  const values = (await output.data()) as Float32Array;
  output.dispose();
  const weights = signed(values.length, opCase.name);
  return values.reduce((sum: number, value, i) => sum + value * (weights[i] as number), 0);
}

/**
 * How far the gradients are from a central difference along a random direction, in units of the gradient's size: 0 is perfect,
 * 1 is a gradient that is not there.
 */
export async function gradientError(opCase: OpCase): Promise<number> {
  const inputs = inputsOf(opCase);
  const floats = inputs.filter(isFloat);
  const directions = floats.map(({ values }, i) => signed(values.length, opCase.name, i));
  const distance = Math.min(0.01, ...floats.map(({ step }) => step / 8));
  const { gradients } = await runCase(opCase);
  const ahead = await objective(opCase, inputs, directions, distance);
  const behind = await objective(opCase, inputs, directions, -distance);
  let slope = 0;
  let squares = 0;
  for (const [i, gradient] of gradients.entries()) {
    for (const [j, value] of gradient.entries()) {
      slope += value * (directions[i]?.[j] as number);
      squares += value * value;
    }
  }
  return Math.abs((ahead - behind) / (2 * distance) - slope) / Math.max(Math.sqrt(squares), 1e-3);
}

/** Largest difference between two arrays, in units of the largest reference value. */
export function relativeDifference(actual: Float32Array, reference: Float32Array): number {
  if (actual.length !== reference.length) return Number.POSITIVE_INFINITY;
  const scale = reference.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
  return actual.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (reference[i] as number))), 0) / scale;
}
