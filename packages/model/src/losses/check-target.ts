import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { hostCopyOf } from '../upload.js';
import { shapeText } from './reduction.js';

/** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` unless scores are (..., C) and labels int32 (...). */
export function checkTarget(loss: string, scores: tf.Tensor, labels: tf.Tensor): void {
  const expected = scores.shape.slice(0, -1);
  if (labels.dtype !== 'int32') {
    throw modelErrors.DTYPE_MISMATCH({
      subject: loss,
      expected: 'int32 labels',
      received: shapeText(labels),
      action: 'keep class labels as integers; tf.cast(labels, "int32") converts',
    });
  }
  if (scores.rank >= 1 && tf.util.arraysEqual(labels.shape, expected)) return;
  throw modelErrors.SHAPE_MISMATCH({
    subject: loss,
    expected: `scores (..., C) and labels (...), here labels of shape (${expected.join(', ')})`,
    received: `scores ${shapeText(scores)}, labels ${shapeText(labels)}`,
    action: 'give one label for each row of scores, with the classes on the last axis',
  });
}

/** Labels that came through a data preprocessor; nothing is read from the device. @throws `ENGINE_MODEL_LABEL_OUT_OF_RANGE` */
export function checkLabels(
  loss: string,
  labels: tf.Tensor,
  { classes, ignoreIndex }: { readonly classes: number; readonly ignoreIndex?: number },
): void {
  const host = hostCopyOf(labels);
  const at =
    host === undefined ? -1 : host.findIndex((label) => (label < 0 || label >= classes) && label !== ignoreIndex);
  if (host === undefined || at < 0) return;
  throw modelErrors.LABEL_OUT_OF_RANGE({
    subject: loss,
    expected: `labels in [0, ${classes})${ignoreIndex === undefined ? '' : `, or ${ignoreIndex} to ignore a row`}`,
    received: `${host[at]} at index ${at} of labels ${shapeText(labels)}`,
    action: 'give the network one output for each class of the dataset, and count classes from 0',
  });
}

/** @throws `ENGINE_MODEL_SHAPE_MISMATCH` unless there is one weight a class, or none at all. */
export function checkClassWeight(loss: string, weight: tf.Tensor | undefined, classes: number): void {
  if (weight === undefined || (weight.rank === 1 && weight.size === classes)) return;
  throw modelErrors.SHAPE_MISMATCH({
    subject: loss,
    expected: `weight of shape (${classes}), one for each class`,
    received: shapeText(weight),
    action: 'give as many class weights as the network has outputs',
  });
}

/** @throws `ENGINE_MODEL_SHAPE_MISMATCH` unless all tensors have the shape of the first. */
export function checkSameShape(loss: string, first: tf.Tensor, others: Readonly<Record<string, tf.Tensor>>): void {
  for (const [name, tensor] of Object.entries(others)) {
    if (tf.util.arraysEqual(first.shape, tensor.shape)) continue;
    throw modelErrors.SHAPE_MISMATCH({
      subject: loss,
      expected: `a ${name} of shape (${first.shape.join(', ')}), as the input`,
      received: shapeText(tensor),
      action: 'reshape one of them; broadcasting is almost always a mistake here',
    });
  }
}

export function badLossOption(loss: string, expected: string, received: string): Error {
  return modelErrors.BAD_LOSS_OPTION({ subject: loss, expected, received, action: 'correct the option of the loss' });
}
