import * as tf from '@tensorflow/tfjs-core';
import { coreErrors } from '../errors-table.js';

/** Kernel names; a backend may register fused kernels of its own under them. */
export const BatchNormTrain = 'BatchNormTrain';
export const BatchNormTrainGrad = 'BatchNormTrainGrad';

export interface BatchNormTrainResult {
  /** Normalised, shaped as `x`. */
  readonly y: tf.Tensor;
  /** Mean of the batch, (C). */
  readonly mean: tf.Tensor1D;
  /** Biased variance of the batch, (C); PyTorch's running variance takes `var * n / (n - 1)`. */
  readonly var: tf.Tensor1D;
}

/**
 * Batch normalisation over all axes but the last, by the statistics of the batch itself:
 * `y = (x - mean) / sqrt(var + eps) * gamma + beta`.
 *
 * `x` is (..., C) float32, `gamma` and `beta` are (C). Gradients flow through `y` to x, gamma and beta; `mean` and `var` are
 * constants to them, as in PyTorch. The three results belong to the caller's scope.
 * @throws `ENGINE_CORE_SIZE_MISMATCH` when gamma or beta have another length than x has channels.
 */
// oxlint-disable-next-line max-params -- the order in which every framework takes them
export function batchNormTrain(x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D, eps: number): BatchNormTrainResult {
  const channels = x.shape.at(-1) ?? 0;
  for (const [name, vector] of Object.entries({ gamma, beta })) {
    if (vector.rank === 1 && vector.size === channels) continue;
    throw coreErrors.SIZE_MISMATCH({
      subject: 'batchNormTrain',
      expected: `${name} of shape (${channels}), the channels of x`,
      received: `${name} (${vector.shape.join(', ')}), x (${x.shape.join(', ')})`,
      action: 'give the layer as many features as its input has channels',
    });
  }
  const outputs: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(BatchNormTrain, { x, gamma, beta }, { epsilon: eps });
  const [y, mean, variance] = outputs as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
  return { y, mean, var: variance };
}

export const batchNormTrainGradient: tf.GradConfig = {
  kernelName: BatchNormTrain,
  inputsToSave: ['x', 'gamma'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [dy] = dys as tf.Tensor[] as [tf.Tensor];
    const [x, gamma, mean, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const gradients: tf.Tensor | tf.Tensor[] = tf
      .engine()
      .runKernel(BatchNormTrainGrad, { dy, x, gamma, mean, variance }, attrs);
    const [dx, dgamma, dbeta] = gradients as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { x: () => dx, gamma: () => dgamma, beta: () => dbeta };
  },
};

/** `BatchNormTrain` composed of other ops. */
export function composedBatchNorm(
  { x, gamma, beta }: Readonly<Record<'x' | 'gamma' | 'beta', tf.Tensor>>,
  epsilon: number,
): tf.Tensor[] {
  return tf.tidy(() => {
    const rows = tf.reshape(x, [-1, gamma.size]);
    const mean = tf.mean(rows, 0);
    const centred = tf.sub(rows, mean);
    const variance = tf.mean(tf.square(centred), 0);
    const y = tf.add(tf.mul(centred, tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)))), beta);
    return [tf.reshape(y, x.shape), mean, variance];
  });
}

/**
 * `BatchNormTrainGrad` composed of other ops. With n rows and xhat = (x - mean) / deviation,
 * `dx = gamma / deviation * (dy - mean(dy) - xhat * mean(dy * xhat))`.
 */
export function composedBatchNormGrad(
  inputs: Readonly<Record<'dy' | 'x' | 'gamma' | 'mean' | 'variance', tf.Tensor>>,
  epsilon: number,
): tf.Tensor[] {
  return tf.tidy(() => {
    const { x, gamma, mean, variance } = inputs;
    const dy = tf.reshape(inputs.dy, [-1, gamma.size]);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const centred = tf.sub(tf.reshape(x, dy.shape), mean);
    const dbeta = tf.sum(dy, 0);
    const dgamma = tf.mul(tf.sum(tf.mul(dy, centred), 0), inverse);
    const count = x.size / gamma.size;
    const slope = tf.mul(dgamma, tf.div(inverse, -count));
    const residual = tf.add(tf.sub(dy, tf.div(dbeta, count)), tf.mul(centred, slope));
    const dx = tf.mul(residual, tf.mul(gamma, inverse));
    return [tf.reshape(dx, x.shape), dgamma, dbeta];
  });
}
