import { labelCrossEntropy } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { badLossOption, checkClassWeight, checkLabels, checkTarget } from './check-target.js';
import { hotMask, type LabelOptions } from './labels.js';
import type { Reduction } from './reduction.js';

export interface CrossEntropyOptions {
  /** `mean` divides by the (weighted) number of labels that are not ignored. Default `mean`. */
  readonly reduction?: Reduction | undefined;
  /** Part of the target that is spread evenly over all classes; default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Rows with this label count for nothing; default -100. */
  readonly ignoreIndex?: number | undefined;
  /** Weight of each class, (C) float32. */
  readonly weight?: tf.Tensor | undefined;
}

/**
 * Cross entropy of `softmax(logits)` against class labels or class probabilities: logits (..., C) float32, with labels (...) int32 or
 * probabilities (..., C) float32. A scalar, or (...) with reduction `none`. Stable for large logits; the gradient is one fused
 * expression and flows into the logits only. Mean over no labels at all is NaN, as in PyTorch.
 *
 * Labels out of range are reported when they came through a data preprocessor; nothing is read back from the device for that.
 * @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE`, `ENGINE_MODEL_BAD_LOSS_OPTION`
 */
export function crossEntropy(logits: tf.Tensor, target: tf.Tensor, options: CrossEntropyOptions = {}): tf.Tensor {
  const { reduction = 'mean', labelSmoothing = 0, ignoreIndex = -100, weight } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw badLossOption('crossEntropy', 'labelSmoothing in [0, 1]', `labelSmoothing = ${labelSmoothing}`);
  const classes = logits.shape.at(-1) ?? 0;
  checkClassWeight('crossEntropy', weight, classes);
  const isSoft = target.dtype === 'float32' && tf.util.arraysEqual(target.shape, logits.shape);
  if (!isSoft) {
    checkTarget('crossEntropy', logits, target);
    checkLabels('crossEntropy', target, { classes, ignoreIndex });
  }
  const rows = tf.reshape(logits, [-1, classes]); // after the checks: what throws has made nothing
  if (!isSoft && labelSmoothing === 0 && weight === undefined) {
    const labels = tf.reshape(target, [-1]) as tf.Tensor1D;
    const loss = plainCrossEntropy(rows, withoutIgnored(labels, { classes, ignoreIndex }), reduction);
    return reduction === 'none' ? tf.reshape(loss, logits.shape.slice(0, -1)) : loss;
  }
  const { weights, divisor } = isSoft
    ? softTarget(tf.reshape(target, rows.shape), { classes, labelSmoothing, weight })
    : hardTarget(tf.reshape(target, [-1]) as tf.Tensor1D, { classes, labelSmoothing, ignoreIndex, weight });
  const loss = softCrossEntropy(rows, { target: weights, isSoft, reduction, divisor });
  return reduction === 'none' ? tf.reshape(loss, logits.shape.slice(0, -1)) : loss;
}

/** The labels, -1 where they are ignored. */
function withoutIgnored(labels: tf.Tensor1D, { classes, ignoreIndex }: LabelOptions): tf.Tensor {
  if (ignoreIndex === undefined || ignoreIndex < 0 || ignoreIndex >= classes) return labels;
  return tf.where(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), labels, tf.fill(labels.shape, -1, 'int32'));
}

/** The usual case in one kernel: labels (rows), all classes alike. */
function plainCrossEntropy(logits: tf.Tensor, labels: tf.Tensor, reduction: Reduction): tf.Tensor {
  const classes = logits.shape[1] as number;
  const count = (): tf.Tensor =>
    tf.sum(
      tf.cast(
        tf.logicalAnd(tf.greaterEqual(labels, tf.scalar(0, 'int32')), tf.less(labels, tf.scalar(classes, 'int32'))),
        'float32',
      ),
    );
  const loss = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const { loss: rows, slope } = labelCrossEntropy(x as tf.Tensor, labels);
    const divides = reduction === 'mean' ? [count()] : [];
    (save as tf.GradSaveFunc)([slope, ...divides]);
    return {
      value: divided(reduction === 'none' ? rows : tf.sum(rows), divides),
      gradFunc: (dy: tf.Tensor, [slopes, divisor]: tf.Tensor[]) =>
        tf.mul(slopes as tf.Tensor, scaleOf(dy, { reduction, count: divisor })),
    };
  });
  return loss(logits);
}

const divided = (total: tf.Tensor, by: readonly tf.Tensor[]): tf.Tensor =>
  by.reduce((sum, count) => tf.div(sum, count), total);

/** A divisor of zero makes the mean NaN but, as in PyTorch, its gradient zero. */
const TINY = 1e-30;

/** What the slope of each row is multiplied by. */
function scaleOf(
  dy: tf.Tensor,
  { reduction, count }: { readonly reduction: Reduction; readonly count: tf.Tensor | undefined },
): tf.Tensor {
  if (count !== undefined) return tf.div(dy, tf.maximum(count, TINY));
  return tf.reshape(dy, reduction === 'none' ? [-1, 1] : []);
}

interface Target {
  /** (rows, C): what the negated log probabilities are multiplied by. */
  readonly weights: tf.Tensor;
  /** What a mean divides by. */
  readonly divisor: () => tf.Tensor;
}

/** Rows of probabilities all count alike, whatever the class weights, as in PyTorch. */
function softTarget(
  probabilities: tf.Tensor,
  { classes, labelSmoothing, weight }: Omit<TargetOptions, 'ignoreIndex'>,
): Target {
  const smooth =
    labelSmoothing === 0 ? probabilities : tf.add(tf.mul(probabilities, 1 - labelSmoothing), labelSmoothing / classes);
  const weights = weight === undefined ? smooth : tf.mul(smooth, weight);
  return { weights, divisor: () => tf.scalar(probabilities.shape[0] as number) };
}

interface TargetOptions {
  readonly classes: number;
  readonly labelSmoothing: number;
  readonly ignoreIndex: number;
  readonly weight: tf.Tensor | undefined;
}

function hardTarget(labels: tf.Tensor1D, { classes, labelSmoothing, ignoreIndex, weight }: TargetOptions): Target {
  const valid = () => tf.reshape(tf.cast(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), 'float32'), [-1, 1]);
  const hot = hotMask(labels, { classes, ignoreIndex });
  const kept = tf.cast(hot, 'float32');
  const counts = weight === undefined ? kept : tf.mul(kept, weight);
  const divisor = (): tf.Tensor => tf.sum(counts);
  if (labelSmoothing === 0) return { weights: counts, divisor };
  const smooth = tf.mul(tf.add(tf.mul(kept, 1 - labelSmoothing), labelSmoothing / classes), valid());
  return { weights: weight === undefined ? smooth : tf.mul(smooth, weight), divisor };
}

interface SoftTarget {
  /** (rows, C); gets no gradient. */
  readonly target: tf.Tensor;
  /** Otherwise zeros in the target are classes that are not looked at, be their logits minus infinity. */
  readonly isSoft: boolean;
  readonly reduction: Reduction;
  readonly divisor: () => tf.Tensor;
}

/** `-Σ target log softmax(logits)` of (rows, C) logits, by row or reduced. */
function softCrossEntropy(logits: tf.Tensor, { target, isSoft, reduction, divisor }: SoftTarget): tf.Tensor {
  const loss = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const centred = tf.sub(x as tf.Tensor, tf.max(x as tf.Tensor, -1, true));
    const logSoftmax = tf.sub(centred, tf.log(tf.sum(tf.exp(centred), -1, true)));
    const terms = tf.mul(logSoftmax, target);
    const seen = isSoft ? terms : tf.where(tf.notEqual(target, 0), terms, tf.zerosLike(terms));
    const rows = tf.neg(tf.sum(seen, -1));
    const total = reduction === 'none' ? rows : tf.sum(rows);
    const divides = reduction === 'mean' ? [divisor()] : [];
    (save as tf.GradSaveFunc)([logSoftmax, target, ...divides]);
    return {
      value: divided(total, divides),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logp, q, count] = saved as [tf.Tensor, tf.Tensor, tf.Tensor?];
        const slope = tf.sub(tf.mul(tf.exp(logp), tf.sum(q, -1, true)), q);
        return tf.mul(slope, scaleOf(dy, { reduction, count }));
      },
    };
  });
  return loss(logits);
}
