/** Maxima and means over two-axis windows of NHWC images with PyTorch's freedom; pools of one and three axes are made of them. */
import * as tf from '@tensorflow/tfjs-core';
import type { Sides, Two } from './convolve.js';
import { averageCounts, ceilOverhang, type Window } from './pooling-math.js';

/** A window along one axis. */
export interface AxisWindow extends Window {
  readonly dilation: number;
  /** Keeps a last, partial window. */
  readonly ceilMode: boolean;
}

/** The window of an axis that is not pooled. */
export const NO_WINDOW: AxisWindow = { kernel: 1, stride: 1, padding: 0, dilation: 1, ceilMode: false };

/** Places from the first to the last element of a window. */
export const spanOf = ({ kernel, dilation }: AxisWindow): number => dilation * (kernel - 1) + 1;

const sidesOf = (extent: number, window: AxisWindow): Sides => {
  const overhang = window.ceilMode ? ceilOverhang(extent, { ...window, kernel: spanOf(window) }) : 0;
  return [window.padding, window.padding + overhang];
};

/** Outputs along an axis, below 1 where the window does not fit. */
export function outputsOf(extent: number, window: AxisWindow): number {
  const [before, after] = sidesOf(extent, window);
  return Math.floor((extent + before + after - spanOf(window)) / window.stride) + 1;
}

function padsOf(x: tf.Tensor4D, [rows, columns]: Two<AxisWindow>): [[number, number], Sides, Sides, [number, number]] {
  return [[0, 0], sidesOf(x.shape[1], rows), sidesOf(x.shape[2], columns), [0, 0]];
}

const isNothing = ([, rows, columns]: readonly Sides[]): boolean =>
  Math.max(...(rows as Sides), ...(columns as Sides)) === 0;

/** Padding never wins; among equals the first element gets the gradient. */
export function maximum(x: tf.Tensor4D, windows: Two<AxisWindow>): tf.Tensor4D {
  const [rows, columns] = windows;
  const pads = padsOf(x, windows);
  if (rows.dilation > 1 || columns.dilation > 1) return dilatedMaximum(x, windows, pads);
  const pad = isNothing(pads) ? 'valid' : pads;
  // tfjs's types leave explicit padding out; its kernels take it
  return tf.maxPool(x, [rows.kernel, columns.kernel], [rows.stride, columns.stride], pad as 'valid');
}

const LOWEST = -3.4028234663852886e38;

/** The largest of what each tap sees. */
function dilatedMaximum(x: tf.Tensor4D, windows: Two<AxisWindow>, pads: readonly Sides[]): tf.Tensor4D {
  const padded = isNothing(pads) ? x : tf.pad(x, pads as [number, number][], LOWEST);
  const [rows, columns] = windows;
  const [batch, height, width, channels] = padded.shape;
  const reach = (extent: number, window: AxisWindow): number =>
    Math.floor((extent - spanOf(window)) / window.stride) * window.stride + 1;
  const [tall, wide] = [reach(height, rows), reach(width, columns)];
  const taps = Array.from({ length: rows.kernel * columns.kernel }, (_, tap) => {
    const top = Math.floor(tap / columns.kernel) * rows.dilation;
    const left = (tap % columns.kernel) * columns.dilation;
    const end = [batch, top + tall, left + wide, channels];
    return tf.stridedSlice(padded, [0, top, left, 0], end, [1, rows.stride, columns.stride, 1]) as tf.Tensor4D;
  });
  return taps.reduce((largest, tap) => tf.maximum(largest, tap));
}

/** Pads with zeros itself: TensorFlow.js's gradient of a padded mean divides by the wrong counts. */
export function average(x: tf.Tensor4D, windows: Two<AxisWindow>, counting: Counting): tf.Tensor4D {
  const [rows, columns] = windows;
  const pads = padsOf(x, windows);
  const padded = isNothing(pads) ? x : tf.pad(x, pads as [number, number][]);
  const mean = tf.avgPool(padded, [rows.kernel, columns.kernel], [rows.stride, columns.stride], 'valid');
  if (counting.kind === 'window' || isNothing(pads)) return mean;
  const hasOverhang = ([, before, after]: readonly [AxisWindow, number, number]): boolean => after > before;
  const axes = [
    [rows, ...(pads[1] as Sides)],
    [columns, ...(pads[2] as Sides)],
  ] as const;
  if (counting.kind === 'padding' && !axes.some(hasOverhang)) return mean;
  const along = (axis: 0 | 1): number[] =>
    averageCounts(x.shape[axis + 1] as number, {
      ...windows[axis],
      outputs: mean.shape[axis + 1] as number,
      countIncludePad: counting.kind === 'padding',
    }).map((count) => windows[axis].kernel / count);
  return tf.mul(
    tf.mul(mean, tf.tensor(along(0), [1, mean.shape[1], 1, 1])),
    tf.tensor(along(1), [1, 1, mean.shape[2], 1]),
  );
}

/** What a sum is divided by: the elements of the window, those that padding has filled included, or all that the kernel has. */
export interface Counting {
  readonly kind: 'elements' | 'padding' | 'window';
}
