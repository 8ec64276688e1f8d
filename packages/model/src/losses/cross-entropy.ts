import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { hostCopyOf } from '../upload.js';
import { type Reduction, shapeText } from './reduction.js';

export interface CrossEntropyOptions {
  /** `mean` divides by the (weighted) number of labels that are not ignored. Default `mean`. */
  readonly reduction?: Reduction;
  /** Part of the target that is spread evenly over all classes; default 0. */
  readonly labelSmoothing?: number;
  /** Rows with this label count for nothing; default -100. */
  readonly ignoreIndex?: number;
  /** Weight of each class, (C) float32. */
  readonly weight?: tf.Tensor;
}

/**
 * Cross entropy of `softmax(logits)` against class labels: logits (..., C) float32, labels (...) int32. A scalar, or (...) with
 * reduction `none`. Stable for large logits; the gradient is one fused expression. Mean over no labels at all is NaN, as in PyTorch.
 *
 * Labels out of range are reported when they came through a data preprocessor; nothing is read back from the device for that.
 * @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE`
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor, options: CrossEntropyOptions = {}): tf.Tensor {
  const { reduction = 'mean', labelSmoothing = 0, ignoreIndex = -100, weight } = options;
  const classes = logits.shape.at(-1) ?? 0;
  checkShapes(logits, labels);
  checkLabels(labels, classes, ignoreIndex);
  const flat = tf.reshape(labels, [-1]) as tf.Tensor1D;
  const { target, counts } = targetOf(flat, { classes, labelSmoothing, ignoreIndex, weight });
  const loss = softCrossEntropy(tf.reshape(logits, [-1, classes]), {
    target,
    reduction,
    divisor: () => tf.sum(counts),
  });
  return reduction === 'none' ? tf.reshape(loss, labels.shape) : loss;
}

interface TargetOptions {
  readonly classes: number;
  readonly labelSmoothing: number;
  readonly ignoreIndex: number;
  readonly weight: tf.Tensor | undefined;
}

/** (rows, C) target weights, and what each row adds to the mean's divisor (any shape). */
function targetOf(
  labels: tf.Tensor1D,
  { classes, labelSmoothing, ignoreIndex, weight }: TargetOptions,
): { target: tf.Tensor; counts: tf.Tensor } {
  const isIgnorable = ignoreIndex >= 0 && ignoreIndex < classes; // another index has no column, so its row is zero already
  const valid = () => tf.reshape(tf.cast(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), 'float32'), [-1, 1]);
  const hot = oneHot(labels, classes);
  const kept = isIgnorable ? tf.mul(hot, valid()) : hot;
  const counts = weight === undefined ? kept : tf.mul(kept, weight);
  if (labelSmoothing === 0) return { target: counts, counts };
  const smooth = tf.mul(tf.add(tf.mul(kept, 1 - labelSmoothing), labelSmoothing / classes), valid());
  return { target: weight === undefined ? smooth : tf.mul(smooth, weight), counts };
}

/** (rows, C) float32; zeros where a label is no class. */
function oneHot(labels: tf.Tensor1D, classes: number): tf.Tensor {
  if (classes > 1) return tf.cast(tf.oneHot(labels, classes), 'float32'); // TensorFlow.js's own wasm kernel makes integers, whatever is asked for
  return tf.reshape(tf.cast(tf.equal(labels, tf.scalar(0, 'int32')), 'float32'), [-1, 1]);
}

interface SoftTarget {
  /** (rows, C); gets no gradient. */
  readonly target: tf.Tensor;
  readonly reduction: Reduction;
  readonly divisor: () => tf.Tensor;
}

/** A divisor of zero makes the mean NaN but, as in PyTorch, its gradient zero. */
const TINY = 1e-30;

/** `-Σ target log softmax(logits)` of (rows, C) logits, by row or reduced. */
function softCrossEntropy(logits: tf.Tensor, { target, reduction, divisor }: SoftTarget): tf.Tensor {
  const loss = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const centred = tf.sub(x as tf.Tensor, tf.max(x as tf.Tensor, -1, true));
    const logSoftmax = tf.sub(centred, tf.log(tf.sum(tf.exp(centred), -1, true)));
    const rows = tf.neg(tf.sum(tf.mul(logSoftmax, target), -1));
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

function checkShapes(logits: tf.Tensor, labels: tf.Tensor): void {
  if (labels.dtype !== 'int32') {
    throw modelErrors.DTYPE_MISMATCH({
      subject: 'crossEntropy',
      expected: 'int32 labels',
      received: shapeText(labels),
      action: 'keep class labels as integers; tf.cast(labels, "int32") converts',
    });
  }
  if (logits.rank >= 1 && tf.util.arraysEqual(labels.shape, logits.shape.slice(0, -1))) return;
  throw modelErrors.SHAPE_MISMATCH({
    subject: 'crossEntropy',
    expected: `logits (..., C) and labels (...), here labels of shape (${logits.shape.slice(0, -1).join(', ')})`,
    received: `logits ${shapeText(logits)}, labels ${shapeText(labels)}`,
    action: 'give one label for each row of logits, with the classes on the last axis',
  });
}

function checkLabels(labels: tf.Tensor, classes: number, ignoreIndex: number): void {
  const host = hostCopyOf(labels);
  const at =
    host === undefined ? -1 : host.findIndex((label) => (label < 0 || label >= classes) && label !== ignoreIndex);
  if (host === undefined || at < 0) return;
  throw modelErrors.LABEL_OUT_OF_RANGE({
    subject: 'crossEntropy',
    expected: `labels in [0, ${classes}), or ${ignoreIndex} to ignore a row`,
    received: `${host[at]} at index ${at} of labels ${shapeText(labels)}`,
    action: 'give the network one output for each class of the dataset, and count classes from 0',
  });
}
