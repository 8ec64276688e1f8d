import { sizeOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkNormOptions } from './channel-norm.js';

export interface RMSNormOptions {
  /** Added to the mean square; default: the distance from 1 to the next float, 2^-23. */
  readonly eps?: number;
  /** Learns a scale for each element; default true. */
  readonly elementwiseAffine?: boolean;
}

/**
 * Divides each sample by the root of its mean square over the last axes, which have `normalizedShape`: (..., ...normalizedShape) → the
 * same. Axes are counted in our layout. Zhang and Sennrich 2019.
 */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly weight: Parameter | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(normalizedShape: number | readonly number[], options: RMSNormOptions = {}) {
    super();
    const { eps = 2 ** -23, elementwiseAffine = true } = options;
    const shape = [normalizedShape].flat() as number[];
    checkIntegers('RMSNorm', 1, { normalizedShape: shape, 'number of axes': shape.length });
    checkNormOptions('RMSNorm', { eps });
    this.normalizedShape = shape;
    this.eps = eps;
    if (elementwiseAffine) this.weight = new Parameter(shape, constant(1));
  }

  override get role(): 'norm' {
    return 'norm';
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    checkLastAxes(this, x);
    const rows = tf.reshape(x, [-1, sizeOf(this.normalizedShape)]);
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(rows), -1, true), this.eps));
    const y = tf.reshape(tf.mul(rows, scale), x.shape);
    return (this.weight === undefined ? y : tf.mul(y, this.weight.value)) as T;
  }
}

/** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` unless the last axes have `normalizedShape`. */
export function checkLastAxes(layer: Module & { readonly normalizedShape: readonly number[] }, x: tf.Tensor): void {
  const { normalizedShape } = layer;
  checkInput(layer, x, { last: normalizedShape.at(-1) as number, expected: `(..., ${normalizedShape.join(', ')})` });
  if (tf.util.arraysEqual(x.shape.slice(-normalizedShape.length), [...normalizedShape])) return;
  throw modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected: `input of shape (..., ${normalizedShape.join(', ')})`,
    received: `(${x.shape.join(', ')}) ${x.dtype}`,
    action: 'give normalizedShape the last axes of the input, in our layout (H, W, C)',
  });
}
