import * as tf from '@tensorflow/tfjs-core';
import { badLossOption, checkClassWeight, checkLabels, checkTarget } from './check-target.js';
import { hotMask } from './labels.js';
import { type LossOptions, reduce } from './reduction.js';

export interface NllOptions extends LossOptions {
  /** Weight of each class, (C) float32. */
  readonly weight?: tf.Tensor | undefined;
  /** Rows with this label count for nothing; default -100. */
  readonly ignoreIndex?: number | undefined;
}

/**
 * The negated log probability of each label: log probabilities (..., C) float32, labels (...) int32. A scalar, or (...) with
 * reduction `none`. A mean divides by the (weighted) number of labels that are not ignored.
 * @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE`
 */
export function nllLoss(logProbabilities: tf.Tensor, labels: tf.Tensor, options: NllOptions = {}): tf.Tensor {
  const { reduction = 'mean', weight, ignoreIndex = -100 } = options;
  const classes = logProbabilities.shape.at(-1) ?? 0;
  checkTarget('nllLoss', logProbabilities, labels);
  checkClassWeight('nllLoss', weight, classes);
  checkLabels('nllLoss', labels, { classes, ignoreIndex });
  const hot = hotMask(tf.reshape(labels, [-1]), { classes, ignoreIndex });
  const rows = tf.reshape(logProbabilities, [-1, classes]);
  const picked = tf.where(hot, rows, tf.zerosLike(rows)); // not a product: impossible classes are -Infinity
  const weighted = weight === undefined ? picked : tf.mul(picked, weight);
  const values = tf.neg(tf.sum(weighted, -1));
  if (reduction === 'none') return tf.reshape(values, labels.shape);
  if (reduction === 'sum') return tf.sum(values);
  const counts = tf.cast(hot, 'float32');
  return tf.div(tf.sum(values), tf.sum(weight === undefined ? counts : tf.mul(counts, weight)));
}

export interface MultiMarginOptions extends LossOptions {
  /** Power of each violation, 1 (default) or 2. */
  readonly p?: 1 | 2 | undefined;
  /** By how much the right score must exceed the others; default 1. */
  readonly margin?: number | undefined;
  /** Weight of each class, (C) float32. */
  readonly weight?: tf.Tensor | undefined;
}

/**
 * The hinge loss of several classes: the mean over the wrong classes of `max(0, margin - x_label + x)^p`, divided by C. Scores (N, C),
 * labels (N) int32. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE`, `ENGINE_MODEL_BAD_LOSS_OPTION`
 */
export function multiMarginLoss(scores: tf.Tensor, labels: tf.Tensor, options: MultiMarginOptions = {}): tf.Tensor {
  const { reduction, p = 1, margin = 1, weight } = options;
  const classes = scores.shape.at(-1) ?? 0;
  if (p !== 1 && p !== 2) throw badLossOption('multiMarginLoss', 'p = 1 or 2', `p = ${String(p)}`);
  checkTarget('multiMarginLoss', scores, labels);
  checkClassWeight('multiMarginLoss', weight, classes);
  checkLabels('multiMarginLoss', labels, { classes });
  const hot = tf.cast(hotMask(tf.reshape(labels, [-1]), { classes }), 'float32');
  const rows = tf.reshape(scores, [-1, classes]);
  const right = tf.sum(tf.mul(rows, hot), -1, true);
  const violation = tf.mul(tf.relu(tf.add(tf.sub(rows, right), margin)), tf.sub(1, hot));
  const values = tf.div(tf.sum(p === 1 ? violation : tf.square(violation), -1), classes);
  const weighted = weight === undefined ? values : tf.mul(values, tf.sum(tf.mul(hot, weight), -1));
  return reduce(tf.reshape(weighted, labels.shape), reduction);
}
