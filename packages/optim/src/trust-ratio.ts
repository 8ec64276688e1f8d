import * as tf from '@tensorflow/tfjs-core';

/** Euclidean length of a tensor as of one long vector. */
export function norm(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.sum(tf.square(x)));
}

/** `ratio` where both norms are above zero, else 1: fresh zeros and parameters without a gradient step as they are. */
export function trusted(ratio: tf.Tensor, norms: readonly [tf.Tensor, tf.Tensor]): tf.Tensor {
  const bothPositive = tf.logicalAnd(tf.greater(norms[0], 0), tf.greater(norms[1], 0));
  return tf.where(bothPositive, ratio, tf.onesLike(ratio));
}
