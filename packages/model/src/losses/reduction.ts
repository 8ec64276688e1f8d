import * as tf from '@tensorflow/tfjs-core';

/** `none` keeps one value an element or row. */
export type Reduction = 'mean' | 'sum' | 'none';

export function reduce(values: tf.Tensor, reduction: Reduction): tf.Tensor {
  if (reduction === 'none') return values;
  return reduction === 'mean' ? tf.mean(values) : tf.sum(values);
}

/** The same shape as text, for messages. */
export const shapeText = (x: tf.Tensor): string => `(${x.shape.join(', ')}) ${x.dtype}`;
