import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers } from '../check-input.js';
import { Module } from '../module.js';

export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

/**
 * Divides each value by `(k + alpha * mean of squares)^beta` over the `size` channels around its own, of which those beyond the ends
 * count as zeros: (N, ..., C) → the same. Krizhevsky, Sutskever and Hinton 2012.
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super();
    checkIntegers('LocalResponseNorm', 1, { size });
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    checkInput(this, x, { rank: Math.max(3, x.rank), expected: '(N, ..., C)' });
    const channels = x.shape.at(-1) as number;
    const rows = tf.reshape(x, [-1, channels]);
    const padded = tf.pad(tf.square(rows), [
      [0, 0],
      [Math.floor(this.size / 2), Math.floor((this.size - 1) / 2)],
    ]);
    const [count] = rows.shape as [number];
    const shifted = Array.from({ length: this.size }, (_, i) => tf.slice(padded, [0, i], [count, channels]));
    const scale = tf.pow(tf.add(tf.mul(tf.addN(shifted), this.alpha / this.size), this.k), this.beta);
    return tf.reshape(tf.div(rows, scale), x.shape) as tf.Tensor as T;
  }
}
