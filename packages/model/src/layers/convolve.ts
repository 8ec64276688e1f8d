/** Convolutions of NHWC images with PyTorch's freedom: any padding, strides and dilations at once, groups. */
import * as tf from '@tensorflow/tfjs-core';
import { spreadAxis } from './spread.js';

/** Places added before and after an axis. */
export type Sides = readonly [before: number, after: number];
export type Two<T> = readonly [T, T];

export interface Convolution {
  readonly stride: Two<number>;
  readonly dilation: Two<number>;
  /** Zeros around rows and columns. */
  readonly pads: Two<Sides>;
  readonly groups: number;
  /** The kernel is (H, W, C, M) instead of (H, W, I, O). */
  readonly isDepthwise: boolean;
}

/** `kernel` is (H, W, inChannels / groups, outChannels), or (H, W, C, M) for a depthwise convolution. */
export function convolve(x: tf.Tensor4D, kernel: tf.Tensor4D, convolution: Convolution): tf.Tensor4D {
  const { pads, groups, isDepthwise } = convolution;
  const stride = [...convolution.stride] as [number, number];
  // TensorFlow.js takes strides or dilations, not both
  const spreads = Math.max(...stride) > 1 && Math.max(...convolution.dilation) > 1;
  const weight = spreads ? spreadKernel(kernel, convolution.dilation) : kernel;
  const dilation = (spreads ? [1, 1] : [...convolution.dilation]) as [number, number];
  const pad = padOf(weight, { pads, dilation, stride });
  if (isDepthwise) return tf.depthwiseConv2d(x, weight, stride, pad, 'NHWC', dilation);
  const one = (image: tf.Tensor4D, part: tf.Tensor4D): tf.Tensor4D =>
    tf.conv2d(image, part, stride, pad, 'NHWC', dilation);
  if (groups === 1) return one(x, weight);
  const weights = tf.split(weight, groups, 3);
  return tf.concat(
    tf.split(x, groups, 3).map((part, g) => one(part as tf.Tensor4D, weights[g] as tf.Tensor4D)),
    3,
  );
}

/** The kernel with zeros between its taps: what dilation means. */
export function spreadKernel(kernel: tf.Tensor4D, [down, across]: Two<number>): tf.Tensor4D {
  return spreadAxis(spreadAxis(kernel, 0, down), 1, across);
}

/** The form that most backends take, explicit only where neither `valid` nor `same` says it. A plain number would use the height's extents for both axes. */
export function padOf(
  kernel: tf.Tensor4D,
  { pads, dilation, stride }: Pick<Convolution, 'pads' | 'dilation' | 'stride'>,
): 'valid' | 'same' | tf.backend_util.ExplicitPadding {
  const [rows, columns] = pads;
  if (Math.max(...rows, ...columns) === 0) return 'valid';
  const isSame = ([0, 1] as const).every((axis) => {
    const missing = dilation[axis] * ((kernel.shape[axis] as number) - 1);
    const [before, after] = pads[axis];
    return stride[axis] === 1 && before === Math.floor(missing / 2) && after === Math.ceil(missing / 2);
  });
  return isSame ? 'same' : [[0, 0], [...rows], [...columns], [0, 0]];
}
