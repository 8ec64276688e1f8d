/** Gradients of ops that pick elements by their places. */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../host-array.js';
import { single } from './axes.js';

/** What was cut out goes back to its place, zeros between and around. */
export const stridedSliceGradient: tf.GradConfig = {
  kernelName: tf.StridedSlice,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, named) => {
    const [x] = saved as [tf.Tensor];
    const attrs = named as unknown as tf.StridedSliceAttrs;
    const { begin, end, strides } = tf.slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    );
    return {
      x: () =>
        begin.reduce<tf.Tensor>(
          (cut, from, axis) => putBack(cut, axis, { from, stride: strides[axis] ?? 1, extent: x.shape[axis] ?? 1 }),
          tf.reshape(single(dy), tf.slice_util.computeOutShape(begin, end, strides)),
        ),
    };
  },
};

interface Places {
  readonly from: number;
  readonly stride: number;
  readonly extent: number;
}

/** Undoes a strided cut of one axis. */
function putBack(cut: tf.Tensor, axis: number, { from, stride, extent }: Places): tf.Tensor {
  const count = cut.shape[axis] as number;
  if (count === extent && stride === 1) return cut;
  const rising = stride < 0 ? tf.reverse(cut, axis) : cut;
  const step = Math.abs(stride);
  const first = stride < 0 ? from + (count - 1) * stride : from;
  const [outer, inner] = [sizeOf(cut.shape.slice(0, axis)), sizeOf(cut.shape.slice(axis + 1))];
  const spread = tf.pad(tf.reshape(rising, [outer * count, 1, inner]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const last = (count - 1) * step + 1;
  const kept = tf.slice(tf.reshape(spread, [outer, count * step, inner]), [0, 0, 0], [outer, Math.max(0, last), inner]);
  const padded = tf.pad(kept, [
    [0, 0],
    [first, extent - first - last],
    [0, 0],
  ]);
  return tf.reshape(padded, [...cut.shape.slice(0, axis), extent, ...cut.shape.slice(axis + 1)]);
}

/** Elements that were picked more than once get the sum of their gradients. */
export const gatherNdGradient: tf.GradConfig = {
  kernelName: tf.GatherNd,
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, saved) => {
    const [params, indices] = saved as [tf.Tensor, tf.Tensor];
    return {
      params: () => scatterNdSum(single(dy), indices, params.shape),
      indices: () => tf.zerosLike(indices),
    };
  },
};

export const scatterNdGradient: tf.GradConfig = {
  kernelName: tf.ScatterNd,
  inputsToSave: ['indices'],
  gradFunc: (dy, saved) => {
    const [indices] = saved as [tf.Tensor];
    return { updates: () => tf.gatherND(single(dy), indices), indices: () => tf.zerosLike(indices) };
  },
};

function scatterNdSum(updates: tf.Tensor, indices: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const depth = indices.shape.at(-1) as number;
  const [picked, rest] = [shape.slice(0, depth), shape.slice(depth)];
  const strides = picked.map((_, axis) => sizeOf(picked.slice(axis + 1)));
  const rows = tf.cast(tf.reshape(indices, [-1, depth]), 'int32');
  const flat = tf.sum(tf.mul(rows, tf.tensor1d(strides, 'int32')), 1);
  const values = tf.reshape(updates, [flat.size, sizeOf(rest)]);
  return tf.reshape(tf.unsortedSegmentSum(values, tf.cast(flat, 'int32') as tf.Tensor1D, sizeOf(picked)), [...shape]);
}

/** The largest elements get the gradients of their copies. */
export const topKGradient: tf.GradConfig = {
  kernelName: tf.TopK,
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const [dy] = dys as tf.Tensor[] as [tf.Tensor];
    const [x, indices] = saved as [tf.Tensor, tf.Tensor];
    const columns = x.shape.at(-1) as number;
    const rows = x.size / columns;
    return {
      x: () => {
        const starts = tf.range(0, rows * columns, columns, 'int32');
        const flat = tf.add(tf.reshape(indices, [rows, -1]), tf.expandDims(starts, 1));
        const places = tf.reshape(flat, [-1]) as tf.Tensor1D;
        return tf.reshape(tf.unsortedSegmentSum(tf.reshape(dy, [-1]), places, x.size), x.shape);
      },
    };
  },
};
