/** Transposed convolutions of NHWC images with PyTorch's freedom. */
import * as tf from '@tensorflow/tfjs-core';
import { convolve, padOf, type Sides, spreadKernel, type Two } from './convolve.js';
import { spreadAxis } from './spread.js';

export interface TransposedConvolution {
  readonly stride: Two<number>;
  /** Places cut off both sides of rows and columns. */
  readonly padding: Two<number>;
  readonly dilation: Two<number>;
  /** Places added at the end of rows and columns. */
  readonly extra: Two<number>;
  readonly groups: number;
}

/** `kernel` is (H, W, outChannels / groups, inChannels). */
export function convolveTransposed(x: tf.Tensor4D, kernel: tf.Tensor4D, geometry: TransposedConvolution): tf.Tensor4D {
  const { groups, dilation } = geometry;
  const weight = spreadKernel(kernel, dilation);
  if (groups > 1 && groups === x.shape[3]) return depthwise(x, weight, geometry);
  if (groups === 1) return dense(x, weight, geometry);
  const weights = tf.split(weight, groups, 3);
  return tf.concat(
    tf.split(x, groups, 3).map((part, g) => dense(part as tf.Tensor4D, weights[g] as tf.Tensor4D, geometry)),
    3,
  );
}

function outputExtent(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  { stride, padding, extra }: TransposedConvolution,
  axis: 0 | 1,
): number {
  const extent = x.shape[axis + 1] as number;
  return (extent - 1) * stride[axis] - 2 * padding[axis] + (weight.shape[axis] as number) + extra[axis];
}

/** Each of the two axes. */
const both = <T>(along: (axis: 0 | 1) => T): [T, T] => [along(0), along(1)];

function dense(x: tf.Tensor4D, weight: tf.Tensor4D, geometry: TransposedConvolution): tf.Tensor4D {
  const { stride, padding, extra } = geometry;
  // a whole stride more is what one more row of zeros in the input gives
  const rows = both((axis) => Math.floor(extra[axis] / stride[axis]));
  const image =
    Math.max(...rows) === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, rows[0]],
          [0, rows[1]],
          [0, 0],
        ]);
  const [height, width] = both((axis) => outputExtent(x, weight, geometry, axis));
  const pads = both((axis): Sides => [padding[axis], padding[axis]]);
  const pad = padOf(weight, { pads, stride, dilation: [1, 1] });
  const shape: [number, number, number, number] = [x.shape[0], height, width, weight.shape[2]];
  return tf.conv2dTranspose(image, weight, shape, [...stride] as [number, number], pad);
}

/** A depthwise convolution of the image, spread by the stride, with the rotated kernel. */
function depthwise(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  { stride, padding, extra }: TransposedConvolution,
): tf.Tensor4D {
  const rotated = tf.transpose(tf.reverse(weight, [0, 1]), [0, 1, 3, 2]);
  const spread = spreadAxis(spreadAxis(x, 1, stride[0]), 2, stride[1]);
  const borders = both((axis): Sides => {
    const border = (weight.shape[axis] as number) - 1 - padding[axis];
    return [border, border + extra[axis]];
  });
  return convolve(cropped(spread, borders), rotated, {
    stride: [1, 1],
    dilation: [1, 1],
    pads: both((axis): Sides => [Math.max(0, borders[axis][0]), Math.max(0, borders[axis][1])]),
    groups: x.shape[3],
    isDepthwise: true,
  });
}

/** Cuts off what a border is below zero. */
function cropped(x: tf.Tensor4D, borders: Two<Sides>): tf.Tensor4D {
  const [top, left] = both((axis) => Math.max(0, -borders[axis][0]));
  const [bottom, right] = both((axis) => Math.max(0, -borders[axis][1]));
  if (top + left + bottom + right === 0) return x;
  const [batch, height, width, channels] = x.shape;
  return tf.slice(x, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
}
