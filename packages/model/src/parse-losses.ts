import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from './errors.js';

export interface ParsedLosses {
  /** The sum of everything whose name contains `loss`: what is minimised. */
  readonly total: tf.Tensor;
  /** Scalars by name, `loss` first. A model's own `loss` hides the total here, as in MMEngine. */
  readonly logVars: Readonly<Record<string, tf.Tensor>>;
}

/**
 * Reduces what a model returns in mode `loss` to scalars and sums them: by name tensors (their mean) or lists of tensors (the sum of
 * their means).
 * @throws `ENGINE_MODEL_BAD_LOSS`, `ENGINE_MODEL_NO_LOSS`
 */
export function parseLosses(losses: unknown): ParsedLosses {
  if (typeof losses !== 'object' || losses === null || losses instanceof tf.Tensor || Array.isArray(losses)) {
    throw badLoss('the model', 'an object of named tensors, e.g. { loss }', losses);
  }
  const scalars = Object.entries(losses).map(([name, value]) => [name, toScalar(name, value)] as const);
  const summands = scalars.filter(([name]) => name.includes('loss')).map(([, scalar]) => scalar);
  const [first] = summands;
  if (first === undefined) {
    throw modelErrors.NO_LOSS({
      expected: 'at least one name that contains "loss"',
      received: scalars.map(([name]) => name).join(', ') || 'no names at all',
      action: 'name what is to be minimised loss, or loss_<part>',
    });
  }
  const total = summands.length === 1 ? first : tf.addN(summands);
  return { total, logVars: { loss: total, ...Object.fromEntries(scalars) } };
}

function toScalar(name: string, value: unknown): tf.Tensor {
  if (value instanceof tf.Tensor) return meanOf(value);
  if (!Array.isArray(value) || !value.every((item) => item instanceof tf.Tensor))
    throw badLoss(name, 'a tensor or a list of tensors', value);
  const means = value.map(meanOf);
  const [only] = means;
  if (only === undefined) return tf.scalar(0);
  return means.length === 1 ? only : tf.addN(means);
}

function meanOf(value: tf.Tensor): tf.Tensor {
  if (value.rank > 0) return tf.mean(value);
  return value.dtype === 'float32' ? value : tf.cast(value, 'float32');
}

function badLoss(subject: string, expected: string, received: unknown): Error {
  const text = Array.isArray(received)
    ? 'a list'
    : typeof received === 'object' && received !== null
      ? `a ${received.constructor?.name ?? 'object'}`
      : String(received);
  return modelErrors.BAD_LOSS({
    subject,
    expected,
    received: text,
    action: 'return an object of tensors from forward in mode "loss"',
  });
}
