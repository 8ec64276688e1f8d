import { sizeOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** Puts `step - 1` zeros between neighbours along an axis: extent n becomes (n - 1) step + 1. */
export function spreadAxis<T extends tf.Tensor>(x: T, axis: number, step: number): T {
  if (step === 1) return x;
  const extent = x.shape[axis] as number;
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const padded = tf.pad(tf.reshape(x, [outer * extent, 1, inner]), [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const length = (extent - 1) * step + 1;
  const kept = tf.slice(tf.reshape(padded, [outer, extent * step, inner]), [0, 0, 0], [outer, length, inner]);
  return tf.reshape(kept, [...x.shape.slice(0, axis), length, ...x.shape.slice(axis + 1)]) as tf.Tensor as T;
}
