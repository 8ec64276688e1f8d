import * as tf from '@tensorflow/tfjs-core';

export interface LabelOptions {
  readonly classes: number;
  readonly ignoreIndex?: number | undefined;
}

/** (rows, C) bool: true at each row's label; nowhere where the label is ignored or no class. */
export function hotMask(labels: tf.Tensor1D, { classes, ignoreIndex }: LabelOptions): tf.Tensor {
  const columns = tf.range(0, classes, 1, 'int32');
  const hot = tf.equal(tf.reshape(labels, [-1, 1]), columns);
  if (ignoreIndex === undefined || ignoreIndex < 0 || ignoreIndex >= classes) return hot;
  return tf.logicalAnd(hot, tf.reshape(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), [-1, 1]));
}
