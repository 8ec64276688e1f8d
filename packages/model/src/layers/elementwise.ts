import * as tf from '@tensorflow/tfjs-core';

/**
 * A function of each element with the derivative spelled out: exact where a composition would count a kink twice, and one pass
 * back. `derivative` sees the input; both are computed in the caller's scope.
 */
export function elementwise<T extends tf.Tensor>(
  x: T,
  value: (x: tf.Tensor) => tf.Tensor,
  derivative: (x: tf.Tensor) => tf.Tensor,
): T {
  const op = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: value(input as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, derivative(saved as tf.Tensor)),
    };
  });
  return op(x) as T;
}

/** 1 where `low < x < high`, else 0. */
export function insideOf(x: tf.Tensor, low: number, high: number): tf.Tensor {
  return tf.cast(tf.logicalAnd(tf.greater(x, low), tf.less(x, high)), 'float32');
}

/** 1 where `|x| > bound`, else 0. */
export function outsideOf(x: tf.Tensor, bound: number): tf.Tensor {
  return tf.cast(tf.greater(tf.abs(x), bound), 'float32');
}

/** A tensor of one value, made on the device. */
export function filled(shape: number[], value: number, dtype: 'float32' | 'int32' | 'bool' = 'float32'): tf.Tensor {
  return tf.fill(shape, value, dtype);
}
