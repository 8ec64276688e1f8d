import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const positive = z.number().check(z.positive());

/** How gradients are limited before a step. */
export const clipGradOptions = z.union([
  z.strictObject({
    type: z._default(z.literal('norm'), 'norm'),
    /** Largest norm of all gradients together. */
    maxNorm: positive,
    /** Order of the norm; `'inf'` or `Infinity` is the largest magnitude. */
    normType: z._default(z.union([positive, z.literal(['inf', Number.POSITIVE_INFINITY])]), 2),
    /** End the run where the norm is not finite, without making that update. Default false. */
    errorIfNonfinite: z.optional(z.boolean()),
  }),
  z.strictObject({
    type: z.literal('value'),
    /** Largest magnitude of an element. */
    clipValue: positive,
  }),
]);

export type ClipGradOptions = z.input<typeof clipGradOptions>;
export type ClipGrad = z.output<typeof clipGradOptions>;
export type Gradients = ReadonlyMap<string, tf.Tensor>;

/** Limits gradients on the device. `norm` is what their norm was before, where they are clipped by norm. Call it inside a tensor scope. */
export function clipGradients(
  grads: Gradients,
  clip: ClipGrad,
): { readonly grads: Gradients; readonly norm?: tf.Tensor } {
  if (clip.type === 'value') {
    return { grads: mapGradients(grads, (grad) => tf.clipByValue(grad, -clip.clipValue, clip.clipValue)) };
  }
  const norm = totalNorm([...grads.values()], clip.normType);
  const factor = tf.minimum(tf.div(clip.maxNorm, tf.add(norm, 1e-6)), 1);
  return { grads: mapGradients(grads, (grad) => tf.mul(grad, factor)), norm };
}

/** The norm of some tensors as of one long vector; the formula of PyTorch's `clip_grad_norm_`. */
export function totalNorm(tensors: readonly tf.Tensor[], order: number | 'inf'): tf.Tensor {
  if (order === 'inf' || order === Number.POSITIVE_INFINITY)
    return tf.max(collect(tensors.map((tensor) => tf.max(tf.abs(tensor)))));
  if (order === 2) return tf.sqrt(tf.sum(collect(tensors.map((tensor) => tf.sum(tf.square(tensor))))));
  return tf.pow(tf.sum(collect(tensors.map((tensor) => tf.sum(tf.pow(tf.abs(tensor), order))))), 1 / order);
}

/** Bool scalar: whether any element is NaN or infinite. Reads nothing back. */
export function isNonFinite(tensors: readonly tf.Tensor[]): tf.Tensor {
  const finite = tensors.map((tensor) => tf.reshape(tf.all(tf.isFinite(tensor)), [1]));
  return tf.logicalNot(tf.all(tf.concat(finite)));
}

function collect(scalars: readonly tf.Tensor[]): tf.Tensor {
  return tf.concat1d(scalars.map((scalar) => tf.reshape(scalar, [1])));
}

function mapGradients(grads: Gradients, change: (grad: tf.Tensor) => tf.Tensor): Gradients {
  return new Map([...grads].map(([name, grad]) => [name, change(grad)]));
}
