import * as tf from '@tensorflow/tfjs-core';
import { badOption, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { shapeText } from '../losses/reduction.js';
import { Module } from '../module.js';
import { CallCounter } from './call-counter.js';

/** What SELU tends to far below zero: the value that alpha dropout puts in place of what it drops. */
const SELU_FLOOR = -1.7580993408473766;

/** Layers that drop while training. Their masks are functions of seed, iteration, layer path and the how-manieth call in that iteration. */
abstract class RandomDrop extends Module {
  readonly p: number;
  readonly #calls = new CallCounter(this);

  /** `p` is the probability of being dropped, by default 0.5. @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw badOption(new.target.name, 'p in [0, 1]', `p = ${p}`);
    this.p = p;
  }

  forward<T extends tf.Tensor>(x: T): T {
    return this.training && this.p > 0 ? (this.drop(x) as T) : x;
  }

  /** Called while training with p above 0. */
  protected abstract drop(x: tf.Tensor): tf.Tensor;

  /** `1 / (1 - p)` where elements stay, else 0; p is below 1. */
  protected mask(shape: readonly number[]): tf.Tensor {
    return this.stepContext.dropoutMask(shape, 1 - this.p, this.#calls.next());
  }

  /** x times a mask of `shape`, which broadcasts. */
  protected masked(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
    return this.p === 1 ? tf.mul(x, 0) : tf.mul(x, this.mask(shape));
  }
}

/** While training, zeroes elements with probability `p` and scales the others by `1 / (1 - p)`; the identity in evaluation. Any shape. */
export class Dropout extends RandomDrop {
  protected drop(x: tf.Tensor): tf.Tensor {
    return this.masked(x, x.shape);
  }
}

/** (N, 1, ..., 1, C): one decision for each channel of each sample. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
function channelShape(layer: Module, x: tf.Tensor, rank?: number): number[] {
  if (rank === undefined ? x.rank >= 2 : x.rank === rank) {
    return x.shape.map((extent, axis) => (axis === 0 || axis === x.rank - 1 ? extent : 1));
  }
  throw modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected: rank === undefined ? 'input (N, ..., C)' : `input of ${rank} axes, (N, ..., C)`,
    received: shapeText(x),
    action: 'use the form for as many axes, or Dropout, which takes any',
  });
}

abstract class ChannelDropout extends RandomDrop {
  protected abstract readonly rank: number;

  protected drop(x: tf.Tensor): tf.Tensor {
    return this.masked(x, channelShape(this, x, this.rank));
  }
}

/** Dropout of whole channels of sequences (N, L, C). @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export class Dropout1d extends ChannelDropout {
  protected readonly rank = 3;
}

/** Dropout of whole channels of images (N, H, W, C). @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export class Dropout2d extends ChannelDropout {
  protected readonly rank = 4;
}

/** Dropout of whole channels of volumes (N, D, H, W, C). @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export class Dropout3d extends ChannelDropout {
  protected readonly rank = 5;
}

/** Stochastic depth: drops the whole of a sample, for the residual branch of a block. (N, ...). Huang et al. 2016. */
export class DropPath extends RandomDrop {
  protected drop(x: tf.Tensor): tf.Tensor {
    return this.masked(
      x,
      x.shape.map((extent, axis) => (axis === 0 ? extent : 1)),
    );
  }
}

/** Dropout that keeps the mean and variance of what SELU puts out; any shape. Klambauer et al. 2017. */
export class AlphaDropout extends RandomDrop {
  protected drop(x: tf.Tensor): tf.Tensor {
    if (this.p === 1) return tf.mul(x, 0);
    const { p } = this;
    const scale = 1 / Math.sqrt((SELU_FLOOR ** 2 * p + 1) * (1 - p));
    const kept = tf.mul(this.mask(this.maskShape(x)), 1 - p);
    const floor = tf.mul(tf.sub(1, kept), SELU_FLOOR);
    return tf.mul(tf.add(tf.add(tf.mul(x, kept), floor), -SELU_FLOOR * p), scale);
  }

  protected maskShape(x: tf.Tensor): readonly number[] {
    return x.shape;
  }
}

/** Alpha dropout of whole channels (N, ..., C). @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export class FeatureAlphaDropout extends AlphaDropout {
  protected override maskShape(x: tf.Tensor): readonly number[] {
    return channelShape(this, x);
  }
}
