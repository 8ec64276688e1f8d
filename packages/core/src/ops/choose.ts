import * as tf from '@tensorflow/tfjs-core';

/** Kernel name; a backend may register one that copies without spreading the condition over the elements. */
export const Choose = 'Choose';

/**
 * One of two tensors as a whole, decided on the device: `whenTrue` where the bool scalar `condition` is true, else `whenFalse`. What is not chosen may be
 * NaN. The two have one shape and are float32. Has no gradient: for update rules.
 */
export function choose(condition: tf.Tensor, whenTrue: tf.Tensor, whenFalse: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel(Choose, { condition, whenTrue, whenFalse });
}

/** `Choose` composed of other ops. */
export function composedChoose({
  condition,
  whenTrue,
  whenFalse,
}: Readonly<Record<'condition' | 'whenTrue' | 'whenFalse', tf.Tensor>>): tf.Tensor {
  return tf.where(condition, whenTrue, whenFalse);
}
