import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers } from '../check-input.js';
import { defaultBias, defaultWeight } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
}

/** `y = x W^T + b` on the last axis: (..., inFeatures) → (..., outFeatures). `weight` is (outFeatures, inFeatures). */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inFeatures: number, outFeatures: number, { bias = true }: LinearOptions = {}) {
    super();
    checkIntegers('Linear', 1, { inFeatures, outFeatures });
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter([outFeatures, inFeatures], defaultWeight);
    this.bias = bias ? new Parameter([outFeatures], defaultBias(inFeatures)) : undefined;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor {
    checkInput(this, x, { last: this.inFeatures, expected: `(..., ${this.inFeatures})` });
    const rows = x.rank === 2 ? x : tf.reshape(x, [-1, this.inFeatures]);
    const product = tf.matMul(rows as tf.Tensor2D, this.weight.value as tf.Tensor2D, false, true);
    const y = this.bias === undefined ? product : tf.add(product, this.bias.value);
    return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), this.outFeatures]);
  }
}
