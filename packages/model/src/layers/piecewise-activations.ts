/** Activations with kinks. At a kink they have PyTorch's derivative. */
import * as tf from '@tensorflow/tfjs-core';
import { badOption } from '../check-input.js';
import { Module } from '../module.js';
import { elementwise, insideOf, outsideOf } from './elementwise.js';

export interface HardtanhOptions {
  /** Default -1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

/** x cut to [minVal, maxVal], any shape. */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor({ minVal = -1, maxVal = 1 }: HardtanhOptions = {}) {
    super();
    if (!(minVal < maxVal)) throw badOption('Hardtanh', 'minVal below maxVal', `${minVal} and ${maxVal}`);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const { minVal, maxVal } = this;
    return elementwise(
      x,
      (input) => tf.clipByValue(input, minVal, maxVal),
      (input) => insideOf(input, minVal, maxVal),
    );
  }
}

/** x cut to [0, 6], any shape. */
export class ReLU6 extends Hardtanh {
  constructor() {
    super({ minVal: 0, maxVal: 6 });
  }
}

/** A sigmoid of straight lines, `x / 6 + 1/2` cut to [0, 1]; any shape. */
export class Hardsigmoid extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return elementwise(x, sixthsAbove, (input) => tf.div(insideOf(input, -3, 3), 6));
  }
}

/** `x hardsigmoid(x)`, any shape. Howard et al. 2019. */
export class Hardswish extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return elementwise(
      x,
      (input) => tf.mul(input, sixthsAbove(input)),
      (input) => {
        const bend = tf.mul(insideOf(input, -3, 3), tf.add(tf.div(input, 3), 0.5));
        return tf.add(bend, tf.cast(tf.greaterEqual(input, 3), 'float32'));
      },
    );
  }
}

const sixthsAbove = (x: tf.Tensor): tf.Tensor => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6);

export interface LeakyReLUOptions {
  /** Slope below zero; default 0.01. */
  readonly negativeSlope?: number;
}

/** x, or `negativeSlope x` below zero; any shape. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  constructor({ negativeSlope = 0.01 }: LeakyReLUOptions = {}) {
    super();
    this.negativeSlope = negativeSlope;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const slope = (input: tf.Tensor): tf.Tensor => tf.step(input, this.negativeSlope);
    return elementwise(x, (input) => tf.mul(input, slope(input)), slope);
  }
}

interface Exponential {
  readonly alpha: number;
  readonly scale: number;
  readonly inputScale: number;
}

/** `scale x` above zero, `scale alpha (exp(inputScale x) - 1)` below. */
function exponentialLinear<T extends tf.Tensor>(x: T, { alpha, scale, inputScale }: Exponential): T {
  const below = (input: tf.Tensor): tf.Tensor => tf.mul(tf.minimum(input, 0), inputScale);
  return elementwise(
    x,
    (input) => tf.mul(tf.add(tf.relu(input), tf.mul(tf.expm1(below(input)), alpha)), scale),
    (input) => {
      const isAbove = tf.step(input);
      const slope = tf.mul(tf.exp(below(input)), alpha * inputScale);
      return tf.mul(tf.add(isAbove, tf.mul(tf.sub(1, isAbove), slope)), scale);
    },
  );
}

export interface ELUOptions {
  /** What it tends to, negated, far below zero; default 1. */
  readonly alpha?: number;
}

/** x, or `alpha (exp(x) - 1)` below zero; any shape. Clevert et al. 2015. */
export class ELU extends Module {
  readonly alpha: number;

  constructor({ alpha = 1 }: ELUOptions = {}) {
    super();
    this.alpha = alpha;
  }

  forward<T extends tf.Tensor>(x: T): T {
    return exponentialLinear(x, { alpha: this.alpha, scale: 1, inputScale: 1 });
  }
}

/** An ELU that keeps mean 0 and variance 1; any shape. Klambauer et al. 2017. */
export class SELU extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return exponentialLinear(x, { alpha: 1.6732632423543772, scale: 1.0507009873554805, inputScale: 1 });
  }
}

/** x, or `alpha (exp(x / alpha) - 1)` below zero, which has no kink; any shape. Barron 2017. */
export class CELU extends Module {
  readonly alpha: number;

  /** `alpha` defaults to 1. @throws `ENGINE_MODEL_BAD_LAYER_OPTION` when it is 0. */
  constructor({ alpha = 1 }: ELUOptions = {}) {
    super();
    if (alpha === 0) throw badOption('CELU', 'alpha other than 0', 'alpha = 0');
    this.alpha = alpha;
  }

  forward<T extends tf.Tensor>(x: T): T {
    return exponentialLinear(x, { alpha: this.alpha, scale: 1, inputScale: 1 / this.alpha });
  }
}

/** x where it exceeds `threshold`, else `value`; any shape. */
export class Threshold extends Module {
  readonly threshold: number;
  readonly value: number;

  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const isAbove = (input: tf.Tensor): tf.Tensor => tf.greater(input, this.threshold);
    return elementwise(
      x,
      (input) => tf.where(isAbove(input), input, tf.fill(input.shape, this.value)),
      (input) => tf.cast(isAbove(input), 'float32'),
    );
  }
}

export interface ShrinkOptions {
  /** Half the width of the band that becomes zero; default 0.5. */
  readonly lambda?: number;
}

/** x, but zero within ±lambda; any shape. */
export class Hardshrink extends Module {
  readonly lambda: number;

  constructor({ lambda = 0.5 }: ShrinkOptions = {}) {
    super();
    this.lambda = lambda;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const kept = (input: tf.Tensor): tf.Tensor => outsideOf(input, this.lambda);
    return elementwise(x, (input) => tf.mul(input, kept(input)), kept);
  }
}

/** x moved towards zero by lambda, and zero within ±lambda; any shape. */
export class Softshrink extends Module {
  readonly lambda: number;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor({ lambda = 0.5 }: ShrinkOptions = {}) {
    super();
    if (!(lambda >= 0)) throw badOption('Softshrink', 'lambda to be at least 0', `lambda = ${lambda}`);
    this.lambda = lambda;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const { lambda } = this;
    return elementwise(
      x,
      (input) => tf.sub(input, tf.clipByValue(input, -lambda, lambda)),
      (input) => outsideOf(input, lambda),
    );
  }
}
