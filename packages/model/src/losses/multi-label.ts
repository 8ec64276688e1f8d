/** Losses of examples that belong to several classes at once. */
import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { logSigmoid } from '../layers/activations.js';
import { checkClassWeight, checkSameShape } from './check-target.js';
import { type LossOptions, reduce, shapeText } from './reduction.js';

/**
 * The mean over C of the hinges `max(0, 1 - (x_right - x_wrong))` of every pair of a right and a wrong class. Scores (N, C) or (C);
 * labels int32 of the same shape: the right classes of a row, then -1, after which nothing counts.
 * @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`
 */
export function multilabelMarginLoss(scores: tf.Tensor, labels: tf.Tensor, { reduction }: LossOptions = {}): tf.Tensor {
  checkSameShape('multilabelMarginLoss', scores, { target: labels });
  if (labels.dtype !== 'int32')
    throw modelErrors.DTYPE_MISMATCH({
      subject: 'multilabelMarginLoss',
      expected: 'int32 labels',
      received: shapeText(labels),
      action: 'list the right classes of each row as integers, filled up with -1',
    });
  const classes = scores.shape.at(-1) as number;
  const [rows, targets] = [tf.reshape(scores, [-1, classes]), tf.reshape(labels, [-1, classes])];
  const ended = tf.cumsum(tf.cast(tf.less(targets, 0), 'float32'), 1);
  const counts = tf.cast(tf.equal(ended, 0), 'float32'); // (N, K): the labels before the first -1
  const hot = tf.mul(tf.oneHot(tf.maximum(targets, tf.scalar(0, 'int32')), classes), tf.expandDims(counts, 2)); // (N, K, C)
  const wrong = tf.cast(tf.equal(tf.sum(hot, 1), 0), 'float32');
  const right = tf.sum(tf.mul(hot, tf.expandDims(rows, 1)), 2, true);
  const hinges = tf.relu(tf.sub(1, tf.sub(right, tf.expandDims(rows, 1))));
  const counted = tf.mul(tf.mul(hinges, tf.expandDims(wrong, 1)), tf.expandDims(counts, 2));
  return reduce(tf.reshape(tf.div(tf.sum(counted, [1, 2]), classes), scores.shape.slice(0, -1)), reduction);
}

export interface MultilabelSoftMarginOptions extends LossOptions {
  /** Weight of each class, (C) float32. */
  readonly weight?: tf.Tensor | undefined;
}

/** Binary cross entropy of logits (..., C), averaged over the classes of each row before `reduction`. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function multilabelSoftMarginLoss(
  logits: tf.Tensor,
  target: tf.Tensor,
  { reduction, weight }: MultilabelSoftMarginOptions = {},
): tf.Tensor {
  checkSameShape('multilabelSoftMarginLoss', logits, { target });
  checkClassWeight('multilabelSoftMarginLoss', weight, logits.shape.at(-1) as number);
  const right = tf.mul(target, logSigmoid(logits));
  const wrong = tf.mul(tf.sub(1, target), logSigmoid(tf.neg(logits)));
  const values = tf.neg(tf.add(right, wrong));
  return reduce(tf.mean(weight === undefined ? values : tf.mul(values, weight), -1), reduction);
}
