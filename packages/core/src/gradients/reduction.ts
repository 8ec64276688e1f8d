import * as tf from '@tensorflow/tfjs-core';
import { keptShape, reducedAxes, single } from './axes.js';

/** Repeats `dy` along the reduced axes. The ones are filled on the device, not uploaded from the host. */
function spread(dy: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return tf.mul(tf.reshape(dy, keptShape(x.shape, axes)), tf.fill(x.shape, 1));
}

export const sumGradient: tf.GradConfig = {
  kernelName: tf.Sum,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [x] = saved as [tf.Tensor];
    return { x: () => spread(single(dy), x, reducedAxes(attrs['axis'], x.shape)) };
  },
};

export const meanGradient: tf.GradConfig = {
  kernelName: tf.Mean,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [x] = saved as [tf.Tensor];
    const axes = reducedAxes(attrs['axis'], x.shape);
    const count = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1);
    return { x: () => spread(tf.div(single(dy), count), x, axes) };
  },
};

export const cumsumGradient: tf.GradConfig = {
  kernelName: tf.Cumsum,
  gradFunc: (dy, _saved, attrs) => {
    const { axis, exclusive, reverse } = attrs as unknown as tf.CumsumAttrs;
    return { x: () => tf.cumsum(single(dy), axis, exclusive, !reverse) };
  },
};

/** d(prod)/dx = the product of all others, from the exclusive running products of both directions: right where x holds zeros. */
export const prodGradient: tf.GradConfig = {
  kernelName: tf.Prod,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [x] = saved as [tf.Tensor];
    return { x: () => productOfOthersTimes(single(dy), x, reducedAxes(attrs['axis'], x.shape)) };
  },
};

function productOfOthersTimes(dy: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const keptExtents = kept.map((axis) => x.shape[axis] as number);
  const moved = tf.transpose(x, order);
  const flat = tf.reshape(moved, [...keptExtents, -1]);
  const others = tf.mul(tf.cumprod(flat, kept.length, true, false), tf.cumprod(flat, kept.length, true, true));
  const gradient = tf.reshape(tf.mul(others, tf.reshape(dy, [...keptExtents, 1])), moved.shape);
  return tf.transpose(gradient, tf.backend_util.getUndoAxesPermutation(order));
}
