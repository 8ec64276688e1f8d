import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { Module } from '../module.js';

/** Turns groups of r² channels into r x r pixels: (N, H, W, C r²) → (N, H r, W r, C), channels in PyTorch's order. Shi et al. 2016. */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(upscaleFactor: number) {
    super();
    checkIntegers('PixelShuffle', 1, { upscaleFactor });
    this.upscaleFactor = upscaleFactor;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    const r = this.upscaleFactor;
    checkInput(this, x, { rank: 4, expected: '(N, H, W, C)' });
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    if (channels % (r * r) !== 0) throw indivisible(this, x, `channels in multiples of ${r * r}`);
    const pixels = tf.reshape(x, [batch * height, width, channels / (r * r), r, r]);
    return tf.reshape(tf.transpose(pixels, [0, 3, 1, 4, 2]), [batch, height * r, width * r, channels / (r * r)]);
  }
}

/** The inverse of PixelShuffle: (N, H r, W r, C) → (N, H, W, C r²). */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(downscaleFactor: number) {
    super();
    checkIntegers('PixelUnshuffle', 1, { downscaleFactor });
    this.downscaleFactor = downscaleFactor;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    const r = this.downscaleFactor;
    checkInput(this, x, { rank: 4, expected: '(N, H, W, C)' });
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    if (height % r !== 0 || width % r !== 0) throw indivisible(this, x, `height and width in multiples of ${r}`);
    const pixels = tf.reshape(x, [(batch * height) / r, r, width / r, r, channels]);
    return tf.reshape(tf.transpose(pixels, [0, 2, 4, 1, 3]), [batch, height / r, width / r, channels * r * r]);
  }
}

/** Interleaves `groups` groups of channels, (N, ..., C) → the same. Zhang et al. 2018. */
export class ChannelShuffle extends Module {
  readonly groups: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(groups: number) {
    super();
    checkIntegers('ChannelShuffle', 1, { groups });
    this.groups = groups;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    checkInput(this, x, { rank: Math.max(3, x.rank), expected: '(N, ..., C)' });
    const channels = x.shape.at(-1) as number;
    if (channels % this.groups !== 0) throw indivisible(this, x, `channels in multiples of ${this.groups}`);
    const grouped = tf.reshape(x, [x.size / channels, this.groups, channels / this.groups]);
    return tf.reshape(tf.transpose(grouped, [0, 2, 1]), x.shape) as tf.Tensor as T;
  }
}

function indivisible(layer: Module, x: tf.Tensor, expected: string): Error {
  return modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected,
    received: `(${x.shape.join(', ')}) ${x.dtype}`,
    action: 'change the factor, or what comes before the layer',
  });
}
