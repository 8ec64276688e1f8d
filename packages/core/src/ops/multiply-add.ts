import * as tf from '@tensorflow/tfjs-core';

/** Kernel name; a backend may register one that rounds once. */
export const MultiplyAdd = 'MultiplyAdd';

/**
 * `a + b * c`, rounded once where the backend can: what a fused multiply-add of the processor gives, on which PyTorch's running sums rest.
 *
 * `a` and `b` are float32 of one shape, `c` is of that shape or a scalar. Has no gradient: for update rules and running averages.
 */
export function multiplyAdd(a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel(MultiplyAdd, { a, b, c });
}

/** `MultiplyAdd` composed of other ops; rounds the product too. */
export function composedMultiplyAdd({ a, b, c }: Readonly<Record<'a' | 'b' | 'c', tf.Tensor>>): tf.Tensor {
  return tf.tidy(() => tf.add(a, tf.mul(b, c)));
}
