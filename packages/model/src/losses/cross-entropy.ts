import * as tf from '@tensorflow/tfjs-core';
import { badLossOption, checkClassWeight, checkLabels, checkTarget } from './check-target.js';
import { hotMask } from './labels.js';
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
  const { weights, divisor } = isSoft
    ? softTarget(tf.reshape(target, rows.shape), { classes, labelSmoothing, weight })
    : hardTarget(tf.reshape(target, [-1]) as tf.Tensor1D, { classes, labelSmoothing, ignoreIndex, weight });
  const loss = softCrossEntropy(rows, { target: weights, isSoft, reduction, divisor });
  return reduction === 'none' ? tf.reshape(loss, logits.shape.slice(0, -1)) : loss;
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

/** A divisor of zero makes the mean NaN but, as in PyTorch, its gradient zero. */
const TINY = 1e-30;

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
      value: divides.reduce((sum: tf.Tensor, count) => tf.div(sum, count), total),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logp, q, count] = saved as [tf.Tensor, tf.Tensor, tf.Tensor?];
        const slope = tf.sub(tf.mul(tf.exp(logp), tf.sum(q, -1, true)), q);
        const scale =
          count === undefined
            ? tf.reshape(dy, reduction === 'none' ? [-1, 1] : [])
            : tf.div(dy, tf.maximum(count, TINY));
        return tf.mul(slope, scale);
      },
    };
  });
  return loss(logits);
}
