import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { shapeText } from '../losses/reduction.js';

export interface AttentionOptions {
  /** (..., L, S), broadcasting: bool is true where a query may look, float32 is added to the scores. */
  readonly mask?: tf.Tensor | undefined;
  /** Queries see only keys at their own place and before. Default false. */
  readonly isCausal?: boolean | undefined;
  /** Factor of the scores; default `1 / sqrt(E)`. */
  readonly scale?: number | undefined;
  /** Changes the weights before they are applied, e.g. a dropout. */
  readonly dropout?: ((weights: tf.Tensor) => tf.Tensor) | undefined;
}

/** Attention and the weights (..., L, S) that it used. */
export interface Attended {
  readonly output: tf.Tensor;
  /** Before dropout. */
  readonly weights: tf.Tensor;
}

/**
 * `softmax(scale q k^T + mask) v`: queries (..., L, E), keys (..., S, E), values (..., S, V) → (..., L, V). A query that may look
 * nowhere gives zeros. @throws `ENGINE_MODEL_SHAPE_MISMATCH`
 */
// oxlint-disable-next-line max-params -- PyTorch's order
export function scaledDotProductAttention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  options: AttentionOptions = {},
): tf.Tensor {
  const blind = options.mask?.dtype === 'bool' ? tf.any(options.mask, -1, true) : undefined;
  const { output } = attend(query, key, value, options);
  return blind === undefined ? output : tf.mul(output, tf.cast(blind, 'float32'));
}

/** What both forms of attention do. */
// oxlint-disable-next-line max-params -- PyTorch's order
export function attend(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, options: AttentionOptions): Attended {
  checkOperands(query, key, value);
  const { mask, isCausal = false, dropout } = options;
  const width = query.shape.at(-1) as number;
  const scale = options.scale ?? 1 / Math.sqrt(width);
  let scores = tf.matMul(tf.mul(query, scale), key, false, true);
  if (mask !== undefined) scores = tf.add(scores, additive(mask));
  if (isCausal) scores = tf.add(scores, causalMask(query.shape.at(-2) as number, key.shape.at(-2) as number));
  const weights = tf.softmax(scores);
  return { output: tf.matMul(dropout === undefined ? weights : dropout(weights), value), weights };
}

/** Stands for minus infinity: adding it twice is still finite, and its exponential is 0. */
export const BLOCKED = -1e30;

/** 0 where a bool mask is true, BLOCKED elsewhere; a float mask as it is, with minus infinity made finite. */
export function additive(mask: tf.Tensor): tf.Tensor {
  if (mask.dtype !== 'bool') return tf.maximum(mask, BLOCKED);
  return tf.mul(tf.sub(1, tf.cast(mask, 'float32')), BLOCKED);
}

/** (L, S): BLOCKED where the key comes after the query. */
export function causalMask(queries: number, keys: number): tf.Tensor {
  const row = tf.reshape(tf.range(0, queries, 1, 'int32'), [queries, 1]);
  return tf.mul(tf.cast(tf.less(row, tf.range(0, keys, 1, 'int32')), 'float32'), BLOCKED);
}

function checkOperands(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): void {
  const fits =
    query.rank >= 2 &&
    query.shape.at(-1) === key.shape.at(-1) &&
    key.shape.at(-2) === value.shape.at(-2) &&
    tf.util.arraysEqual(query.shape.slice(0, -2), key.shape.slice(0, -2)) &&
    tf.util.arraysEqual(query.shape.slice(0, -2), value.shape.slice(0, -2));
  if (fits) return;
  throw modelErrors.SHAPE_MISMATCH({
    subject: 'scaledDotProductAttention',
    expected: 'queries (..., L, E), keys (..., S, E) and values (..., S, V)',
    received: [query, key, value].map(shapeText).join(', '),
    action: 'give keys the width of the queries, and one value for each key',
  });
}
