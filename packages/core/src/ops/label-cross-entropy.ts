import * as tf from '@tensorflow/tfjs-core';

/** Kernel name; a backend may register a fused kernel of its own under it. */
export const LabelCrossEntropy = 'LabelCrossEntropy';

export interface LabelCrossEntropyResult {
  /** `-log softmax(logits)` at each row's label, (rows). */
  readonly loss: tf.Tensor1D;
  /** What each loss changes by with the logits: `softmax(logits) - onehot(labels)`, (rows, C). */
  readonly slope: tf.Tensor2D;
}

/**
 * Cross entropy of logits (rows, C) float32 with labels (rows) int32, and its derivative. A label that is no class gives 0 and no slope.
 * Stable for large logits. Has no gradient: for losses that say their own by `slope`.
 */
export function labelCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): LabelCrossEntropyResult {
  const results: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(LabelCrossEntropy, { logits, labels });
  const [loss, slope] = results as unknown as [tf.Tensor1D, tf.Tensor2D];
  return { loss, slope };
}

/** `LabelCrossEntropy` composed of other ops. */
export function composedLabelCrossEntropy({
  logits,
  labels,
}: Readonly<Record<'logits' | 'labels', tf.Tensor>>): tf.Tensor[] {
  return tf.tidy(() => {
    const columns = tf.range(0, logits.shape[1] as number, 1, 'int32');
    const hot = tf.equal(tf.reshape(labels, [-1, 1]), columns);
    const target = tf.cast(hot, 'float32');
    const centred = tf.sub(logits, tf.max(logits, -1, true));
    const logSoftmax = tf.sub(centred, tf.log(tf.sum(tf.exp(centred), -1, true)));
    const loss = tf.neg(tf.sum(tf.where(hot, logSoftmax, tf.zerosLike(logSoftmax)), -1));
    return [loss, tf.sub(tf.mul(tf.exp(logSoftmax), tf.sum(target, -1, true)), target)];
  });
}
