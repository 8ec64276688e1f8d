import type { ParameterLike } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** A float32 parameter without a model around it. Its value belongs to the caller, who disposes it. */
export function testParameter(
  name: string,
  values: ArrayLike<number>,
  shape: readonly number[] = [values.length],
): ParameterLike {
  const initial = tf.tensor(Float32Array.from(values), [...shape], 'float32');
  const value = tf.variable(initial, true);
  initial.dispose();
  return { name, shape, value, trainable: true, torchLayout: 'same' };
}

/** Frees the values of test parameters. */
export function disposeParameters(params: Iterable<ParameterLike>): void {
  for (const { value } of params) value.dispose();
}
