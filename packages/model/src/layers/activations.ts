import { gelu } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { badOption } from '../check-input.js';
import { Module } from '../module.js';
import { elementwise } from './elementwise.js';

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

/** `log(1 / (1 + exp(-x)))`, any shape; finite for every finite x. */
export class LogSigmoid extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return logSigmoid(x);
  }
}

/** `min(x, 0) - log(1 + exp(-|x|))`. */
export function logSigmoid<T extends tf.Tensor>(x: T): T {
  return elementwise(
    x,
    (input) => tf.sub(tf.minimum(input, 0), tf.log1p(tf.exp(tf.neg(tf.abs(input))))),
    (input) => tf.sigmoid(tf.neg(input)),
  );
}

/** Any shape. */
export class Tanh extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.tanh(x);
  }
}

/** `x - tanh(x)`, any shape. */
export class Tanhshrink extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.sub(x, tf.tanh(x));
  }
}

/** `x / (1 + |x|)`, any shape. */
export class Softsign extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return tf.div(x, tf.add(tf.abs(x), 1));
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
    if (this.approximate === 'none') return gelu(x);
    const bent = tf.tanh(tf.mul(tf.add(x, tf.mul(0.044715, tf.mul(tf.square(x), x))), Math.sqrt(2 / Math.PI)));
    return tf.mul(tf.mul(x, 0.5), tf.add(bent, 1));
  }
}

/** `x sigmoid(x)`, any shape; also called swish. Elfwing et al. 2017. */
export class SiLU extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return elementwise(
      x,
      (input) => tf.mul(input, tf.sigmoid(input)),
      (input) => {
        const gate = tf.sigmoid(input);
        return tf.mul(gate, tf.add(tf.mul(input, tf.sub(1, gate)), 1));
      },
    );
  }
}

/** `x tanh(log(1 + exp(x)))`, any shape. Misra 2019. */
export class Mish extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return elementwise(
      x,
      (input) => tf.mul(input, tf.tanh(softplus(input))),
      (input) => {
        const bent = tf.tanh(softplus(input));
        return tf.add(bent, tf.mul(tf.mul(input, tf.sigmoid(input)), tf.sub(1, tf.square(bent))));
      },
    );
  }
}

/** `log(1 + exp(x))`, for x of any size. */
function softplus(x: tf.Tensor): tf.Tensor {
  return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
}

export interface SoftplusOptions {
  /** Sharpness of the bend; default 1. */
  readonly beta?: number;
  /** Where `beta x` exceeds it, the function is x itself; default 20. */
  readonly threshold?: number;
}

/** `log(1 + exp(beta x)) / beta`, any shape. */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor({ beta = 1, threshold = 20 }: SoftplusOptions = {}) {
    super();
    if (!(beta > 0)) throw badOption('Softplus', 'beta above 0', `beta = ${beta}`);
    this.beta = beta;
    this.threshold = threshold;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const { beta, threshold } = this;
    return elementwise(
      x,
      (input) => tf.where(tf.greater(input, threshold / beta), input, tf.div(softplus(tf.mul(input, beta)), beta)),
      (input) => tf.maximum(tf.sigmoid(tf.mul(input, beta)), tf.cast(tf.greater(input, threshold / beta), 'float32')),
    );
  }
}
