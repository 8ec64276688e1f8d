import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers } from '../check-input.js';
import { uniform } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import type { LinearOptions } from './linear.js';

/** `y_o = x1^T W_o x2 + b_o`: (..., in1Features) and (..., in2Features) → (..., outFeatures). `weight` is (out, in1, in2). */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  // oxlint-disable-next-line max-params -- PyTorch's order
  constructor(in1Features: number, in2Features: number, outFeatures: number, { bias = true }: LinearOptions = {}) {
    super();
    checkIntegers('Bilinear', 1, { in1Features, in2Features, outFeatures });
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    const bound = 1 / Math.sqrt(in1Features);
    this.weight = new Parameter([outFeatures, in1Features, in2Features], uniform(-bound, bound));
    this.bias = bias ? new Parameter([outFeatures], uniform(-bound, bound)) : undefined;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x1: tf.Tensor, x2: tf.Tensor): tf.Tensor {
    const { in1Features, in2Features, outFeatures } = this;
    checkInput(this, x1, { last: in1Features, expected: `(..., ${in1Features})` });
    checkInput(this, x2, { rank: x1.rank, last: in2Features, expected: `(..., ${in2Features}), as many rows as x1` });
    const rows = tf.reshape(x1, [-1, in1Features]);
    const flat = tf.reshape(tf.transpose(this.weight.value, [1, 0, 2]), [in1Features, outFeatures * in2Features]);
    const left = tf.reshape(tf.matMul(rows as tf.Tensor2D, flat as tf.Tensor2D), [-1, outFeatures, in2Features]);
    const y = tf.sum(tf.mul(left, tf.reshape(x2, [-1, 1, in2Features])), -1);
    return tf.reshape(this.bias === undefined ? y : tf.add(y, this.bias.value), [
      ...x1.shape.slice(0, -1),
      outFeatures,
    ]);
  }
}
