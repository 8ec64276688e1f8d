import { KeyedRandom, type ParameterLike } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** Half the step of the central difference, along a direction of length 1. */
const STEP = 1e-2;

export interface GradientCheck {
  /** Computes the output anew, with the same noise each time. */
  output(): tf.Tensor;
  /** What to differentiate with respect to. */
  readonly parameter: ParameterLike;
  readonly seed: number;
}

/**
 * Compares the gradient of `Σ output * cotangent` along a random direction in the parameter with a central difference.
 * Resolves with the difference over the larger of both slopes and a thousandth of the output's size.
 */
export async function directionalError({ output, parameter, seed }: GradientCheck): Promise<number> {
  const { value } = parameter;
  const original = (await value.data()).slice();
  const direction = unitVector(value.size, seed);
  const cotangent = unitVector(
    tf.tidy(() => output().size),
    seed + 1,
  );
  const analytic = await dot(() => gradientOf(output, value, cotangent), direction);
  const along = async (step: number): Promise<number> => {
    assign(
      value,
      original.map((x, i) => x + step * (direction[i] as number)),
    );
    return dot(output, cotangent);
  };
  const difference = ((await along(STEP)) - (await along(-STEP))) / (2 * STEP);
  assign(value, original);
  return Math.abs(analytic - difference) / Math.max(Math.abs(analytic), Math.abs(difference), 1e-2);
}

function gradientOf(output: () => tf.Tensor, value: tf.Variable, cotangent: Float32Array): tf.Tensor {
  const { grads } = tf.variableGrads(() => tf.sum(tf.mul(tf.reshape(output(), [-1]), cotangent)), [value]);
  return grads[value.name] as tf.Tensor;
}

async function dot(compute: () => tf.Tensor, weights: Float32Array): Promise<number> {
  const tensor = tf.tidy(compute);
  const values = Array.from(await tensor.data());
  tensor.dispose();
  return values.reduce((sum, x, i) => sum + x * (weights[i] as number), 0);
}

function assign(variable: tf.Variable, values: ArrayLike<number>): void {
  const tensor = tf.tensor(Float32Array.from(values), variable.shape);
  variable.assign(tensor);
  tensor.dispose();
}

function unitVector(size: number, seed: number): Float32Array {
  const random = new KeyedRandom(seed, 'gradient check');
  const values = Float32Array.from({ length: size }, () => random.nextNormal());
  const length = Math.hypot(...values);
  return values.map((x) => x / length);
}
