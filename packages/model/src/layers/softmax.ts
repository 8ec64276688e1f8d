import * as tf from '@tensorflow/tfjs-core';
import { layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { shapeText } from '../losses/reduction.js';
import { Module } from '../module.js';

export interface SoftmaxOptions {
  /** Axis that sums to 1, negative from the end; default -1, the channels. */
  readonly dim?: number;
}

/** A function along one axis. */
abstract class AlongAxis extends Module {
  readonly dim: number;

  constructor({ dim = -1 }: SoftmaxOptions = {}) {
    super();
    this.dim = dim;
  }

  /** The axis, from 0. @throws `ENGINE_MODEL_SHAPE_MISMATCH` when x has no such axis. */
  protected axisOf(x: tf.Tensor): number {
    const axis = this.dim < 0 ? this.dim + x.rank : this.dim;
    if (Number.isInteger(axis) && axis >= 0 && axis < x.rank) return axis;
    throw modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: `an input with axis ${this.dim}`,
      received: shapeText(x),
      action: 'correct dim; images are (N, H, W, C) here, so their channels are axis -1',
    });
  }
}

/** `exp(x) / Σ exp(x)` along an axis. */
export class Softmax extends AlongAxis {
  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    return softmax(x, this.axisOf(x));
  }
}

/** `exp(-x) / Σ exp(-x)` along an axis. */
export class Softmin extends AlongAxis {
  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    return softmax(tf.neg(x), this.axisOf(x));
  }
}

/** The logarithm of softmax along an axis, exact for values of any size. */
export class LogSoftmax extends AlongAxis {
  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    return logSoftmax(x, this.axisOf(x));
  }
}

/** Softmax over the channels of images (N, H, W, C), at each place. */
export class Softmax2d extends Softmax {
  constructor() {
    super({ dim: -1 });
  }
}

/** Softmax along an axis counted from 0. */
export function softmax<T extends tf.Tensor>(x: T, axis: number): T {
  if (axis === x.rank - 1) return tf.softmax(x);
  const order = x.shape.map((_, i) => i);
  [order[axis], order[x.rank - 1]] = [x.rank - 1, axis];
  return tf.transpose(tf.softmax(tf.transpose(x, order)), order) as T;
}

/** Logarithm of softmax along an axis counted from 0. */
export function logSoftmax<T extends tf.Tensor>(x: T, axis: number): T {
  const op = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const centred = tf.sub(input as tf.Tensor, tf.max(input as tf.Tensor, axis, true));
    const value = tf.sub(centred, tf.log(tf.sum(tf.exp(centred), axis, true)));
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.sub(dy, tf.mul(tf.exp(saved as tf.Tensor), tf.sum(dy, axis, true))),
    };
  });
  return op(x) as T;
}

/** The first half of an axis times the sigmoid of the second. Dauphin et al. 2016. */
export class GLU extends AlongAxis {
  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor {
    const axis = this.axisOf(x);
    if ((x.shape[axis] as number) % 2 === 0) {
      const [kept, gate] = tf.split(x, 2, axis) as [tf.Tensor, tf.Tensor];
      return tf.mul(kept, tf.sigmoid(gate));
    }
    throw modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: `an even extent of axis ${this.dim}`,
      received: shapeText(x),
      action: 'give the layer before it twice the channels',
    });
  }
}
