import * as tf from '@tensorflow/tfjs-core';

/** `none` keeps one value an element or row. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface LossOptions {
  /** Default `mean`. */
  readonly reduction?: Reduction | undefined;
}

export function reduce(values: tf.Tensor, reduction: Reduction = 'mean'): tf.Tensor {
  if (reduction === 'none') return values;
  return reduction === 'mean' ? tf.mean(values) : tf.sum(values);
}

/** `values * weight`, of which the mean is weighted too. */
export function reduceWeighted(values: tf.Tensor, { reduction, weight }: WeightedLossOptions): tf.Tensor {
  if (weight === undefined) return reduce(values, reduction);
  const weighted = tf.mul(values, weight);
  return (reduction ?? 'mean') === 'mean' ? tf.div(tf.sum(weighted), tf.sum(weight)) : reduce(weighted, reduction);
}

export interface WeightedLossOptions extends LossOptions {
  /** Factor of each element, shaped as the input. */
  readonly weight?: tf.Tensor | undefined;
}

/** The same shape as text, for messages. */
export const shapeText = (x: tf.Tensor): string => `(${x.shape.join(', ')}) ${x.dtype}`;
