import { sizeOf, standardize } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkIntegers } from '../check-input.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkNormOptions } from './channel-norm.js';
import { checkLastAxes } from './rms-norm.js';

export interface LayerNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number;
  /** Learns a scale and a shift for each element; default true. */
  readonly elementwiseAffine?: boolean;
  /** False leaves the shift out; default true. */
  readonly bias?: boolean;
}

/**
 * Normalises each sample over its last axes, which have `normalizedShape`: (..., ...normalizedShape) → the same. Axes are counted in our
 * layout: on images `new LayerNorm(C)` normalises each pixel over its channels. Ba, Kiros and Hinton 2016.
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    checkIntegers('LayerNorm', 1, { normalizedShape: shape, 'number of axes': shape.length });
    checkNormOptions('LayerNorm', { eps });
    this.normalizedShape = shape;
    this.eps = eps;
    if (elementwiseAffine) {
      this.weight = new Parameter(shape, constant(1));
      if (bias) this.bias = new Parameter(shape, constant(0));
    }
  }

  override get role(): 'norm' {
    return 'norm';
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    const { normalizedShape, weight, bias } = this;
    checkLastAxes(this, x);
    const columns = sizeOf(normalizedShape);
    const { y } = standardize(tf.reshape(x, [x.size / columns, 1, 1, columns]), this.eps);
    const standard = tf.reshape(y, x.shape);
    const scaled = weight === undefined ? standard : tf.mul(standard, weight.value);
    return (bias === undefined ? scaled : tf.add(scaled, bias.value)) as T;
  }
}
