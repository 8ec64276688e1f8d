/** Losses of numbers against numbers of the same shape. Gradients flow into both. */
import * as tf from '@tensorflow/tfjs-core';
import { elementwise } from '../layers/elementwise.js';
import { badLossOption, checkSameShape } from './check-target.js';
import { reduce, reduceWeighted, type WeightedLossOptions } from './reduction.js';

/** Squared difference. A mean is weighted. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function mseLoss(input: tf.Tensor, target: tf.Tensor, options: WeightedLossOptions = {}): tf.Tensor {
  checkOperands('mseLoss', input, target, options);
  return reduceWeighted(tf.square(tf.sub(input, target)), options);
}

/** Absolute difference; the derivative at 0 is 0. A mean is weighted. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function l1Loss(input: tf.Tensor, target: tf.Tensor, options: WeightedLossOptions = {}): tf.Tensor {
  checkOperands('l1Loss', input, target, options);
  return reduceWeighted(tf.abs(tf.sub(input, target)), options);
}

export interface SmoothL1Options extends Pick<WeightedLossOptions, 'reduction'> {
  /** Below this difference it is a parabola; 0 is the L1 loss. Default 1. */
  readonly beta?: number | undefined;
}

/** `d² / (2 beta)` for differences below beta, `|d| - beta / 2` above. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_BAD_LOSS_OPTION` */
export function smoothL1Loss(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, beta = 1 }: SmoothL1Options = {},
): tf.Tensor {
  if (!(beta >= 0)) throw badLossOption('smoothL1Loss', 'beta to be at least 0', `beta = ${beta}`);
  checkOperands('smoothL1Loss', input, target, {});
  const difference = tf.sub(input, target);
  return reduce(beta === 0 ? tf.abs(difference) : tf.div(bowl(difference, beta), beta), reduction);
}

export interface HuberOptions extends WeightedLossOptions {
  /** Below this difference it is a parabola. Default 1. */
  readonly delta?: number | undefined;
}

/** `d² / 2` for differences up to delta, `delta (|d| - delta / 2)` above. A mean is not weighted, as in PyTorch. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_BAD_LOSS_OPTION` */
export function huberLoss(
  input: tf.Tensor,
  target: tf.Tensor,
  { delta = 1, ...options }: HuberOptions = {},
): tf.Tensor {
  if (!(delta > 0)) throw badLossOption('huberLoss', 'delta above 0', `delta = ${delta}`);
  checkOperands('huberLoss', input, target, options);
  const values = bowl(tf.sub(input, target), delta);
  return reduce(options.weight === undefined ? values : tf.mul(values, options.weight), options.reduction);
}

/** `d² / 2` up to `bend`, then the straight line that goes on from there. */
function bowl(difference: tf.Tensor, bend: number): tf.Tensor {
  return elementwise(
    difference,
    (d) => {
      const size = tf.abs(d);
      const inner = tf.minimum(size, bend);
      return tf.mul(inner, tf.sub(size, tf.mul(inner, 0.5)));
    },
    (d) => tf.clipByValue(d, -bend, bend),
  );
}

// oxlint-disable-next-line max-params -- name, operands, options
function checkOperands(loss: string, input: tf.Tensor, target: tf.Tensor, { weight }: WeightedLossOptions): void {
  checkSameShape(loss, input, weight === undefined ? { target } : { target, weight });
}
