import * as tf from '@tensorflow/tfjs-core';

/** 2^12 + 1: splits a float32 into two halves of 12 bits, whose products are exact (Dekker, 1971). */
const SPLITTER = 4097;

/** A host number as float32 scalars: what changes from update to update reaches the ops as tensors. */
export interface Share {
  readonly head: tf.Scalar;
  readonly tail: tf.Scalar;
  readonly splitter: tf.Scalar;
  /** Whether to go back from the value instead of forth from the average. */
  readonly isBackwards: boolean;
}

/**
 * Prepares a share of the way, 0 to 1. From 0.5 on the way is gone backwards from its other end (as PyTorch's `lerp`), which makes a
 * share of 1 exact; `forwards` forbids that. The scalars belong to the caller's scope.
 */
export function shareOf(share: number, { forwards }: { readonly forwards: boolean }): Share {
  const isBackwards = share >= 0.5 && !forwards;
  const weight = isBackwards ? Math.fround(Math.fround(share) - 1) : Math.fround(share);
  const scaled = Math.fround(weight * SPLITTER);
  const head = Math.fround(scaled - Math.fround(scaled - weight));
  const scalar = (value: number): tf.Scalar => tf.scalar(value, 'float32');
  return { head: scalar(head), tail: scalar(Math.fround(weight - head)), splitter: scalar(SPLITTER), isBackwards };
}

/**
 * `average + share (value - average)`, elementwise float32, with the product not rounded before it is added: the fused
 * multiply-add of PyTorch, which no backend of TensorFlow.js has. What a rounded product loses would add up over the steps.
 */
export function interpolate(average: tf.Tensor, value: tf.Tensor, share: Share): tf.Tensor {
  const start = share.isBackwards ? value : average;
  const way = tf.sub(value, average);
  const scaled = tf.mul(way, share.splitter);
  const wayHead = tf.sub(scaled, tf.sub(scaled, way));
  const wayTail = tf.sub(way, wayHead);
  const product = tf.mul(wayHead, share.head); // exact
  const rest = tf.add(tf.mul(wayTail, share.head), tf.mul(way, share.tail));
  const sum = tf.add(start, product);
  const added = tf.sub(sum, start);
  const lost = tf.add(tf.sub(start, tf.sub(sum, added)), tf.sub(product, added)); // by rounding the sum (Knuth)
  return tf.add(sum, tf.add(lost, rest));
}
