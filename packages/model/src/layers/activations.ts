import * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module.js';

/** `max(x, 0)`, any shape. */
export class ReLU extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.relu(x);
  }
}

/** `1 / (1 + exp(-x))`, any shape. */
export class Sigmoid extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.sigmoid(x);
  }
}

/** Any shape. */
export class Tanh extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.tanh(x);
  }
}

export interface GELUOptions {
  /** `tanh` approximates the normal distribution function; default `none`. */
  readonly approximate?: 'none' | 'tanh';
}

/** `x Φ(x)` with the normal distribution function Φ, any shape. Hendrycks and Gimpel 2016. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor({ approximate = 'none' }: GELUOptions = {}) {
    super();
    this.approximate = approximate;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const bent =
      this.approximate === 'tanh'
        ? tf.tanh(tf.mul(tf.add(x, tf.mul(0.044715, tf.mul(tf.square(x), x))), Math.sqrt(2 / Math.PI)))
        : tf.erf(tf.mul(x, Math.SQRT1_2));
    return tf.mul(tf.mul(x, 0.5), tf.add(bent, 1));
  }
}
