import * as tf from '@tensorflow/tfjs-core';
import { badOption } from '../check-input.js';
import { Module } from '../module.js';
import type { StepPosition } from '../step-context.js';

/**
 * While training, zeroes elements with probability `p` and scales the others by `1 / (1 - p)`; the identity in evaluation. Any shape.
 * The mask is a function of seed, iteration, layer path and the how-manieth call in that iteration.
 */
export class Dropout extends Module {
  readonly p: number;
  #step: StepPosition | undefined;
  #calls = 0;

  /** `p` defaults to 0.5. @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw badOption('Dropout', 'p in [0, 1]', `p = ${p}`);
    this.p = p;
  }

  forward<T extends tf.Tensor>(x: T): T {
    if (!this.training || this.p === 0) return x;
    if (this.p === 1) return tf.mul(x, 0);
    const context = this.stepContext;
    this.#calls = context.position === this.#step ? this.#calls + 1 : 0;
    this.#step = context.position;
    const mask = context.dropoutMask(x.size, 1 - this.p, { path: this.path, call: this.#calls });
    return tf.mul(x, tf.tensor(mask, x.shape));
  }
}
