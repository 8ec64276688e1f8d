/** Losses of distances and rankings. Targets are 1 and -1, int32 or float32. */
import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { logSigmoid } from '../layers/activations.js';
import { vectorNorm } from '../layers/similarity.js';
import { checkSameShape } from './check-target.js';
import { type LossOptions, reduce, shapeText } from './reduction.js';

export interface MarginOptions extends LossOptions {
  readonly margin?: number | undefined;
}

/** `x` where the target is 1, `max(0, margin - x)` where it is -1, for distances x; margin 1 by default. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function hingeEmbeddingLoss(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, margin = 1 }: MarginOptions = {},
): tf.Tensor {
  checkSameShape('hingeEmbeddingLoss', input, { target });
  const near = maskOf(tf.notEqual(target, -1));
  const far = maskOf(tf.notEqual(target, 1));
  const values = tf.add(tf.mul(input, near), tf.mul(tf.maximum(tf.sub(margin, input), 0), far));
  return reduce(values, reduction);
}

/** `log(1 + exp(-target * input))`. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function softMarginLoss(input: tf.Tensor, target: tf.Tensor, { reduction }: LossOptions = {}): tf.Tensor {
  checkSameShape('softMarginLoss', input, { target });
  return reduce(tf.neg(logSigmoid(tf.mul(input, signOf(target)))), reduction);
}

/** `max(0, margin - target * (first - second))`: the first ranks higher where the target is 1; margin 0 by default. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
// oxlint-disable-next-line max-params -- PyTorch's order
export function marginRankingLoss(
  first: tf.Tensor,
  second: tf.Tensor,
  target: tf.Tensor,
  { reduction, margin = 0 }: MarginOptions = {},
): tf.Tensor {
  checkSameShape('marginRankingLoss', first, { second, target });
  const violation = tf.sub(margin, tf.mul(signOf(target), tf.sub(first, second)));
  return reduce(tf.maximum(violation, 0), reduction);
}

/**
 * `1 - cos` where the target is 1, `max(0, cos - margin)` where it is -1, with the cosine between rows of (N, D) or of two vectors
 * (D); margin 0 by default. @throws `ENGINE_MODEL_SHAPE_MISMATCH`
 */
// oxlint-disable-next-line max-params -- PyTorch's order
export function cosineEmbeddingLoss(
  first: tf.Tensor,
  second: tf.Tensor,
  target: tf.Tensor,
  { reduction, margin = 0 }: MarginOptions = {},
): tf.Tensor {
  checkSameShape('cosineEmbeddingLoss', first, { second });
  checkRows('cosineEmbeddingLoss', first, target);
  const squared = (x: tf.Tensor): tf.Tensor => tf.add(tf.sum(tf.square(x), -1), 1e-12);
  const cosine = tf.div(tf.sum(tf.mul(first, second), -1), tf.sqrt(tf.mul(squared(first), squared(second))));
  const near = tf.mul(tf.sub(1, cosine), maskOf(tf.equal(target, 1)));
  const far = tf.mul(tf.maximum(tf.sub(cosine, margin), 0), maskOf(tf.equal(target, -1)));
  return reduce(tf.add(near, far), reduction);
}

export interface TripletMarginOptions extends MarginOptions {
  /** Power of the norm that measures distance; default 2. */
  readonly p?: number | undefined;
  /** Added to each difference; default 1e-6. */
  readonly eps?: number | undefined;
  /** Measures the negative from the positive too, and takes what is nearer; default false. Balntas et al. 2016. */
  readonly swap?: boolean | undefined;
  /** Another distance of two (N, D) → (N), instead of the norm. */
  readonly distance?: ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor) | undefined;
}

/** `max(0, margin + d(anchor, positive) - d(anchor, negative))` of rows (N, D) or vectors (D); margin 1 by default. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
// oxlint-disable-next-line max-params -- PyTorch's order
export function tripletMarginLoss(
  anchor: tf.Tensor,
  positive: tf.Tensor,
  negative: tf.Tensor,
  options: TripletMarginOptions = {},
): tf.Tensor {
  const { reduction, margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  checkSameShape('tripletMarginLoss', anchor, { positive, negative });
  const distance = options.distance ?? ((a: tf.Tensor, b: tf.Tensor) => vectorNorm(tf.add(tf.sub(a, b), eps), p));
  const near = distance(anchor, positive);
  const direct = distance(anchor, negative);
  const far = swap ? tf.minimum(direct, distance(positive, negative)) : direct;
  return reduce(tf.maximum(tf.add(tf.sub(near, far), margin), 0), reduction);
}

const maskOf = (condition: tf.Tensor): tf.Tensor => tf.cast(condition, 'float32');
const signOf = (target: tf.Tensor): tf.Tensor => tf.cast(target, 'float32');

function checkRows(loss: string, input: tf.Tensor, target: tf.Tensor): void {
  const rows = input.shape.slice(0, -1);
  if (tf.util.arraysEqual(target.shape, rows)) return;
  throw modelErrors.SHAPE_MISMATCH({
    subject: loss,
    expected: `a target of shape (${rows.join(', ')}), one for each row`,
    received: shapeText(target),
    action: 'reshape the target',
  });
}
