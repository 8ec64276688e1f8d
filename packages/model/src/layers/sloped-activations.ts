/** Rectifiers whose slope below zero is learnt or drawn. */
import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers } from '../check-input.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { streamedSlopes } from '../step-context.js';
import { CallCounter } from './call-counter.js';

export interface PReLUOptions {
  /** 1, or the number of channels (last axis) that each learn a slope; default 1. */
  readonly numParameters?: number;
  /** Slope to start with; default 0.25. */
  readonly init?: number;
}

/** x, or `weight x` below zero, with a learnt weight; (..., C) when every channel has its own. He et al. 2015. */
export class PReLU extends Module {
  readonly numParameters: number;
  readonly weight: Parameter;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor({ numParameters = 1, init = 0.25 }: PReLUOptions = {}) {
    super();
    checkIntegers('PReLU', 1, { numParameters });
    this.numParameters = numParameters;
    this.weight = new Parameter([numParameters], constant(init));
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    const { numParameters } = this;
    if (numParameters > 1) checkInput(this, x, { last: numParameters, expected: `(..., ${numParameters})` });
    return sloped(x, this.weight.value);
  }
}

export interface RReLUOptions {
  /** Default 1 / 8. */
  readonly lower?: number;
  /** Default 1 / 3. */
  readonly upper?: number;
}

/**
 * A leaky ReLU whose slope is drawn anew for each element while training, uniformly from [lower, upper); their mean in evaluation.
 * Draws are a function of seed, iteration, layer and call, unless the step context has a stream. Any shape.
 */
export class RReLU extends Module {
  readonly lower: number;
  readonly upper: number;
  readonly #calls = new CallCounter(this);

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor({ lower = 1 / 8, upper = 1 / 3 }: RReLUOptions = {}) {
    super();
    if (!(lower <= upper)) throw badOption('RReLU', 'lower to be at most upper', `${lower} and ${upper}`);
    this.lower = lower;
    this.upper = upper;
  }

  forward<T extends tf.Tensor>(x: T): T {
    const { lower, upper } = this;
    if (!this.training) return sloped(x, tf.scalar((lower + upper) / 2));
    const { stream } = this.stepContext;
    if (stream !== undefined) return sloped(x, tf.tensor(streamedSlopes(x, stream, [lower, upper]), x.shape));
    const draws = this.stepContext.uniforms(x.size, this.#calls.next());
    return sloped(x, tf.add(tf.mul(tf.tensor(draws, x.shape), upper - lower), lower));
  }
}

/** x, or `slope x` where x is not above zero; the slope broadcasts over the leading axes. Its gradient at 0 is the slope, as in PyTorch. */
function sloped<T extends tf.Tensor>(x: T, slope: tf.Tensor): T {
  const op = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, weight, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([input, weight]);
    return {
      value: tf.add(tf.relu(input), tf.mul(tf.minimum(input, 0), weight)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [at, w] = saved as [tf.Tensor, tf.Tensor];
        const isAbove = tf.step(at);
        const summed = tf.mul(dy, tf.minimum(at, 0));
        const rows = w.size === 1 ? tf.sum(summed) : tf.sum(tf.reshape(summed, [-1, ...w.shape]), 0);
        return [tf.mul(dy, tf.add(isAbove, tf.mul(tf.sub(1, isAbove), w))), tf.reshape(rows, w.shape)];
      },
    };
  });
  return op(x, slope) as T;
}
