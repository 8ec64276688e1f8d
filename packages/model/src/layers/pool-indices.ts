/** Where the maxima of windows lie. */
import { sizeOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { type AxisWindow, outputsOf } from './pool-windows.js';

/**
 * The place of each window's (first) maximum among the H W places of its image, for any number of axes: (N, ...extents, C) float32 →
 * (N, ...outputs, C) int32.
 */
export function indicesOfMaxima(x: tf.Tensor, windows: readonly AxisWindow[]): tf.Tensor {
  const withoutGradient = tf.customGrad((input) => ({
    value: search(input as tf.Tensor, windows),
    gradFunc: () => tf.zeros(x.shape),
  }));
  return withoutGradient(x);
}

function search(x: tf.Tensor, windows: readonly AxisWindow[]): tf.Tensor {
  const [batch, channels] = [x.shape[0] as number, x.shape.at(-1) as number];
  const extents = x.shape.slice(1, -1);
  const { table, taps, outputs } = placesOf(extents, windows);
  const count = sizeOf(outputs);
  const places = tf.tensor(table, [count * taps], 'int32');
  const seen = tf.gather(
    tf.reshape(x, [batch, sizeOf(extents), channels]),
    tf.maximum(places, tf.scalar(0, 'int32')),
    1,
  );
  const isInside = tf.reshape(tf.greaterEqual(places, tf.scalar(0, 'int32')), [1, count, taps, 1]);
  const values = tf.where(isInside, tf.reshape(seen, [batch, count, taps, channels]), Number.NEGATIVE_INFINITY);
  const winners = tf.argMax(values, 2);
  const first = tf.mul(tf.range(0, count, 1, 'int32'), tf.scalar(taps, 'int32'));
  const indices = tf.gather(places, tf.add(winners, tf.reshape(first, [1, count, 1])));
  return tf.reshape(indices, [batch, ...outputs, channels]);
}

interface Places {
  /** Flat places that each window sees, window by window; -1 beyond the borders. */
  readonly table: Int32Array;
  readonly taps: number;
  readonly outputs: readonly number[];
}

function placesOf(extents: readonly number[], windows: readonly AxisWindow[]): Places {
  const outputs = windows.map((window, axis) => outputsOf(extents[axis] as number, window));
  const kernels = windows.map(({ kernel }) => kernel);
  const [count, taps] = [sizeOf(outputs), sizeOf(kernels)];
  const table = Int32Array.from({ length: count * taps }, (_, i) => {
    const [output, tap] = [coordinates(Math.floor(i / taps), outputs), coordinates(i % taps, kernels)];
    return windows.reduce((place, { stride, padding, dilation }, axis) => {
      const at = (output[axis] as number) * stride - padding + (tap[axis] as number) * dilation;
      const extent = extents[axis] as number;
      return place < 0 || at < 0 || at >= extent ? -1 : place * extent + at;
    }, 0);
  });
  return { table, taps, outputs };
}

/** The coordinates of a flat place, the last axis fastest. */
function coordinates(flat: number, extents: readonly number[]): number[] {
  const found: number[] = [];
  let rest = flat;
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    const extent = extents[axis] as number;
    found[axis] = rest % extent;
    rest = Math.floor(rest / extent);
  }
  return found;
}
