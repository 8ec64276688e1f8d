import * as tf from '@tensorflow/tfjs-core';
import { kernel } from './heap.js';

/** Adds each row of `x` to the row of the result that its id names; rows with an id out of range are dropped, as TensorFlow does. */
export const unsortedSegmentSum: tf.KernelFunc = kernel<Record<'x' | 'segmentIds', tf.TensorInfo>>(
  ({ inputs, backend, attrs }) => {
    const { x, segmentIds } = inputs;
    const { numSegments } = attrs as unknown as tf.UnsortedSegmentSumAttrs;
    const [, ...inner] = x.shape;
    const width = tf.util.sizeFromShape(inner);
    const out = backend.makeOutput([numSegments, ...inner], x.dtype);
    const [from, ids, to] = [x, segmentIds, out].map((tensor) => backend.typedArrayFromHeap(tensor)) as [
      tf.TypedArray,
      tf.TypedArray,
      tf.TypedArray,
    ];
    to.fill(0);
    for (let row = 0; row < ids.length; row++) {
      const segment = ids[row] as number;
      if (segment < 0 || segment >= numSegments) continue;
      for (let i = 0, source = row * width, target = segment * width; i < width; i++) {
        to[target + i] = (to[target + i] as number) + (from[source + i] as number);
      }
    }
    return out;
  },
);
