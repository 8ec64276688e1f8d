import * as tf from '@tensorflow/tfjs-core';

/** The axes a reduction names, counted from 0; all of them when it names none. */
export function reducedAxes(axis: unknown, shape: readonly number[]): number[] {
  return tf.util.parseAxisParam(axis as number | number[], [...shape]);
}

/** `shape` with every reduced axis kept as 1. */
export function keptShape(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/** Sums a gradient over the axes along which an operand of shape `shape` was broadcast, and gives it that shape. */
export function sumToShape(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}

/** The one gradient that arrives at an op with one output. */
export function single(dy: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(dy) ? (dy[0] as tf.Tensor) : dy;
}
