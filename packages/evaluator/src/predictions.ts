import type * as tf from '@tensorflow/tfjs-core';
import { evaluatorErrors } from './errors.js';

/** What a metric reads of a batch: two tensors, e.g. scores and labels. */
export interface PredictionForm {
  readonly subject: string;
  /** In words, for the error: `[scores, labels]: tensors float32 (N, C) and int32 (N)`. */
  readonly expected: string;
  readonly fits: (first: tf.Tensor, second: tf.Tensor) => boolean;
}

/** The two tensors of `predictions`. @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS` */
export function predictionPair(
  predictions: unknown,
  { subject, expected, fits }: PredictionForm,
): [tf.Tensor, tf.Tensor] {
  const [first, second] = Array.isArray(predictions) ? (predictions as unknown[]) : [];
  if (isTensor(first) && isTensor(second) && fits(first, second)) return [first, second];
  throw evaluatorErrors.BAD_PREDICTIONS({
    subject,
    expected,
    received: Array.isArray(predictions) ? `[${predictions.map(show).join(', ')}]` : show(predictions),
    action: `return ${expected.split(':')[0]} from the model's forward() in mode 'predict'`,
  });
}

/** `[scores, labels]` of a classifier: float32 `(N, C)` and int32 `(N)`. @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS` */
export function scoresAndLabels(predictions: unknown, subject: string): { scores: tf.Tensor2D; labels: tf.Tensor1D } {
  const [scores, labels] = predictionPair(predictions, {
    subject,
    expected: '[scores, labels]: tensors float32 (N, C) and int32 (N)',
    fits: (first, second) =>
      first.rank === 2 && second.rank === 1 && first.shape[0] === second.shape[0] && second.dtype === 'int32',
  });
  return { scores: scores as tf.Tensor2D, labels: labels as tf.Tensor1D };
}

/** @throws `ENGINE_EVALUATOR_LABEL_RANGE` unless every label is a class */
export function requireClasses(
  labels: ArrayLike<number>,
  { subject, classes }: { subject: string; classes: number },
): void {
  for (let at = 0; at < labels.length; at++) {
    const label = labels[at] as number;
    if (label < 0 || label >= classes) throw notAClass(label, { subject, at, classes });
  }
}

export function notAClass(
  label: number,
  { subject, at, classes }: { readonly subject: string; readonly at: number; readonly classes: number },
): Error {
  return evaluatorErrors.LABEL_RANGE({
    subject,
    expected: `labels from 0 to ${classes - 1}, as scores have ${classes} classes`,
    received: `label = ${label} in place ${at} of the batch`,
    action: 'check the labels of the dataset and the number of classes of the model',
  });
}

export function noResults(subject: string): Error {
  return evaluatorErrors.NO_RESULTS({
    subject,
    expected: 'at least one batch before evaluate()',
    received: 'none',
    action: 'check that the data loader of this evaluation yields batches',
  });
}

export function isTensor(value: unknown): value is tf.Tensor {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

function show(value: unknown): string {
  if (isTensor(value)) return `${value.dtype} (${value.shape.join(', ')})`;
  return value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}
