import * as tf from '@tensorflow/tfjs-core';
import type { Extents } from '../check-input.js';
import { Conv, type ConvOptions } from './conv.js';
import { convolve, type Sides } from './convolve.js';

type Three = readonly [depth: number, height: number, width: number];

export interface Conv3dOptions extends ConvOptions<Three> {}

/** 3-D convolution of volumes: (N, D, H, W, inChannels) → (N, D', H', W', outChannels). `weight` is (D, H, W, inChannels / groups, outChannels). */
export class Conv3d extends Conv<Three> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inChannels: number, outChannels: number, kernelSize: Extents<Three>, options: Conv3dOptions = {}) {
    super({ inChannels, outChannels }, kernelSize, { ...options, axes: 3, layout: { torchLayout: 'oidhw' } });
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor5D {
    return this.run(x) as tf.Tensor5D;
  }

  /** A sum of 2-D convolutions of the slices that each place of the kernel along the depth meets. */
  protected convolve(x: tf.Tensor, pads: readonly Sides[], weight: tf.Tensor): tf.Tensor {
    const { stride, dilation, groups, outChannels } = this;
    const [front, rows, columns] = pads as [Sides, Sides, Sides];
    const padded = Math.max(...front) === 0 ? x : tf.pad(x, [[0, 0], [...front], [0, 0], [0, 0], [0, 0]]);
    const [batch, depth, height, width, channels] = padded.shape as [number, number, number, number, number];
    const span = dilation[0] * (this.kernelSize[0] - 1) + 1;
    const outDepth = Math.floor((depth - span) / stride[0]) + 1;
    const slices = tf.reshape(padded, [batch, depth, height * width * channels]);
    const parts = tf.unstack(weight).map((kernel, place) => {
      const from = place * dilation[0];
      const end = [batch, from + (outDepth - 1) * stride[0] + 1, height * width * channels];
      const seen = tf.stridedSlice(slices, [0, from, 0], end, [1, stride[0], 1]);
      return convolve(
        tf.reshape(seen, [batch * outDepth, height, width, channels]),
        kernel as tf.Tensor as tf.Tensor4D,
        {
          stride: [stride[1], stride[2]],
          dilation: [dilation[1], dilation[2]],
          pads: [rows, columns],
          groups,
          isDepthwise: false,
        },
      );
    });
    const [, tall, wide] = (parts[0] as tf.Tensor4D).shape;
    return tf.reshape(tf.addN(parts), [batch, outDepth, tall, wide, outChannels]);
  }
}
