import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * How many classes the model prefers to the right one: 0 where its best guess is right, -1 where a label is not a class.
 * Among equal scores the lower class comes first, as in argMax; a NaN counts as preferred to the right class, and never as a hit.
 *
 * `scores` float32 `(N, C)`, `labels` int32 `(N)`; the result, float32 `(N)`, belongs to the caller.
 */
export function labelRanks(scores: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return tensorScope(() => {
    const [count, classes] = scores.shape;
    const last = tf.scalar(classes - 1, 'int32');
    const zero = tf.scalar(0, 'int32');
    const isClass = tf.logicalAnd(tf.greaterEqual(labels, zero), tf.lessEqual(labels, last));
    const place = tf.maximum(tf.minimum(labels, last), zero);
    // gathered from the flat scores: the wasm backend's gather with batchDims reads outside its memory
    const flat = tf.add(tf.mul(tf.range(0, count, 1, 'int32'), tf.scalar(classes, 'int32')), place);
    const own = tf.reshape(tf.gather(tf.reshape(scores, [-1]), flat), [count, 1]);
    // arithmetic spreads a column over all classes: comparisons that broadcast are a hundred times slower on wasm
    const right = tf.add(own, tf.zerosLike(scores));
    const distance = tf.sub(tf.range(0, classes), tf.reshape(tf.cast(place, 'float32'), [count, 1]));
    const tiedAfter = tf.logicalAnd(tf.equal(scores, right), tf.greater(distance, 0));
    const behind = tf.sum(tf.cast(tf.logicalOr(tf.less(scores, right), tiedAfter), 'float32'), 1);
    const ahead = tf.sub(classes - 1, behind) as tf.Tensor1D;
    return tf.where<tf.Tensor1D>(isClass, ahead, -1);
  });
}
