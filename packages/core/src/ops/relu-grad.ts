import * as tf from '@tensorflow/tfjs-core';

/** Kernel name; a backend may register one that does it in one pass. */
export const ReluGrad = 'ReluGrad';

/** `ReluGrad` composed of other ops: `dy` where `x` is above 0, else 0. */
export function composedReluGrad({ dy, x }: Readonly<Record<'dy' | 'x', tf.Tensor>>): tf.Tensor {
  return tf.tidy(() => tf.mul(dy, tf.step(x)));
}
