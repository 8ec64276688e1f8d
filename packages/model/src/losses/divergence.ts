/** Negative log likelihoods and the divergence of distributions. */
import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { checkSameShape } from './check-target.js';
import { type LossOptions, type Reduction, reduce, shapeText } from './reduction.js';

export interface KlDivOptions {
  /** `batchmean` divides the sum by the batch size, which is the divergence as defined; default `mean`, as in PyTorch. */
  readonly reduction?: Reduction | 'batchmean' | undefined;
  /** The target are log probabilities too; default false. */
  readonly logTarget?: boolean | undefined;
}

/** Divergence of log probabilities from a target distribution of the same shape: `t (log t - input)`, 0 where t is 0. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function klDiv(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction = 'mean', logTarget = false }: KlDivOptions = {},
): tf.Tensor {
  checkSameShape('klDiv', input, { target });
  const values = logTarget
    ? tf.mul(tf.exp(target), tf.sub(target, input))
    : tf.sub(tf.mul(target, tf.log(tf.maximum(target, TINY))), tf.mul(target, input));
  if (reduction !== 'batchmean') return reduce(values, reduction);
  return tf.div(tf.sum(values), input.shape[0] ?? 1);
}

/** Smallest number whose logarithm is still that of a float32. */
const TINY = 1e-38;

export interface PoissonNllOptions extends LossOptions {
  /** The input is the logarithm of the rate; default true. */
  readonly logInput?: boolean | undefined;
  /** Adds Stirling's approximation of `log t!`; default false. */
  readonly full?: boolean | undefined;
  /** Added to rates before their logarithm; default 1e-8. */
  readonly eps?: number | undefined;
}

/** Counts against Poisson rates of the same shape. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function poissonNllLoss(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, logInput = true, full = false, eps = 1e-8 }: PoissonNllOptions = {},
): tf.Tensor {
  checkSameShape('poissonNllLoss', input, { target });
  const values = logInput
    ? tf.sub(tf.exp(input), tf.mul(target, input))
    : tf.sub(input, tf.mul(target, tf.log(tf.add(input, eps))));
  return reduce(full ? tf.add(values, stirling(target)) : values, reduction);
}

/** `log t!` for t above 1, else 0. */
function stirling(t: tf.Tensor): tf.Tensor {
  const safe = tf.maximum(t, 1);
  const sum = tf.add(tf.sub(tf.mul(safe, tf.log(safe)), safe), tf.mul(tf.log(tf.mul(safe, 2 * Math.PI)), 0.5));
  return tf.mul(sum, tf.cast(tf.greater(t, 1), 'float32'));
}

export interface GaussianNllOptions extends LossOptions {
  /** Adds the constant `log(2 π) / 2`; default false. */
  readonly full?: boolean | undefined;
  /** Least variance; default 1e-6. */
  readonly eps?: number | undefined;
}

/**
 * Targets against normal distributions with means `input` and variances `variance`, which may be one number, lack the last axis or
 * have extents of 1. @throws `ENGINE_MODEL_SHAPE_MISMATCH`
 */
// oxlint-disable-next-line max-params -- PyTorch's order
export function gaussianNllLoss(
  input: tf.Tensor,
  target: tf.Tensor,
  variance: tf.Tensor | number,
  { reduction, full = false, eps = 1e-6 }: GaussianNllOptions = {},
): tf.Tensor {
  checkSameShape('gaussianNllLoss', input, { target });
  const spread = atLeast(typeof variance === 'number' ? tf.scalar(variance) : spreadOf(variance, input), eps);
  const squared = tf.div(tf.square(tf.sub(input, target)), spread);
  const values = tf.mul(tf.add(tf.log(spread), squared), 0.5);
  return reduce(full ? tf.add(values, Math.log(2 * Math.PI) / 2) : values, reduction);
}

/** Raised to `eps`, with the gradient of what was not raised, as PyTorch's clamp without a gradient. */
function atLeast(x: tf.Tensor, eps: number): tf.Tensor {
  const op = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => ({
    value: tf.maximum(input as tf.Tensor, eps),
    gradFunc: (dy: tf.Tensor) => dy,
  }));
  return op(x);
}

function spreadOf(variance: tf.Tensor, input: tf.Tensor): tf.Tensor {
  const { shape } = variance;
  if (tf.util.arraysEqual(shape, input.shape.slice(0, -1))) return tf.reshape(variance, [...shape, 1]);
  const fits =
    shape.length === input.rank && shape.every((extent, axis) => extent === 1 || extent === input.shape[axis]);
  if (fits) return variance;
  throw modelErrors.SHAPE_MISMATCH({
    subject: 'gaussianNllLoss',
    expected: `a variance that broadcasts to (${input.shape.join(', ')}), or one for each row`,
    received: shapeText(variance),
    action: 'reshape the variance',
  });
}
