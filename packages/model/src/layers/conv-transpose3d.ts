import * as tf from '@tensorflow/tfjs-core';
import { checkInput, type Extents } from '../check-input.js';
import { ConvTranspose, type ConvTransposeOptions } from './conv-transpose.js';
import { convolveTransposed } from './convolve-transposed.js';
import { spreadAxis } from './spread.js';

type Three = readonly [depth: number, height: number, width: number];

/** 3-D transposed convolution of volumes: (N, D, H, W, inChannels) → (N, D', H', W', outChannels). `weight` is (D, H, W, outChannels / groups, inChannels). */
export class ConvTranspose3d extends ConvTranspose<Three> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Extents<Three>,
    options: ConvTransposeOptions<Three> = {},
  ) {
    super([inChannels, outChannels], kernelSize, { ...options, axes: 3 });
  }

  /** `outputSize` chooses among the sizes that a stride leaves open. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, outputSize?: Three): tf.Tensor5D {
    checkInput(this, x, { rank: 5, last: this.inChannels, expected: `(N, D, H, W, ${this.inChannels})` });
    const y = this.#volume(x, this.extra(x, outputSize) as Three);
    return this.bias === undefined ? y : tf.add(y, this.bias.value);
  }

  /** A sum over the places of the kernel along the depth: 2-D transposed convolutions of all slices, put where that place lies. */
  #volume(x: tf.Tensor, extra: Three): tf.Tensor5D {
    const { stride, padding, dilation, groups } = this;
    const [batch, depth, height, width, channels] = x.shape as [number, number, number, number, number];
    const slices = tf.reshape(x, [batch * depth, height, width, channels]) as tf.Tensor4D;
    const reach = dilation[0] * (this.kernelSize[0] - 1);
    const length = (this.smallest(x)[0] as number) + extra[0];
    const missing = Math.max(0, padding[0] + length - ((depth - 1) * stride[0] + 1 + reach));
    const parts = tf.unstack(this.weight.value).map((kernel, place) => {
      const y = convolveTransposed(slices, kernel as tf.Tensor as tf.Tensor4D, {
        stride: [stride[1], stride[2]],
        padding: [padding[1], padding[2]],
        dilation: [dilation[1], dilation[2]],
        extra: [extra[1], extra[2]],
        groups,
      });
      const [, tall, wide, out] = y.shape;
      const spread = spreadAxis(tf.reshape(y, [batch, depth, tall * wide * out]), 1, stride[0]);
      const before = place * dilation[0];
      const full = tf.pad(spread, [
        [0, 0],
        [before, reach - before + missing],
        [0, 0],
      ]);
      return tf.reshape(full, [batch, -1, tall, wide, out]);
    });
    const whole = tf.addN(parts);
    const [, , ...slice] = whole.shape as [number, number, number, number, number];
    return tf.slice(whole, [0, padding[0], 0, 0, 0], [batch, length, ...slice]) as tf.Tensor5D;
  }
}
