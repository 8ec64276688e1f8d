import * as tf from '@tensorflow/tfjs-core';

/** Kernel names; a backend may register fused kernels of its own under them. */
export const Standardize = 'Standardize';
export const StandardizeGrad = 'StandardizeGrad';

export interface StandardizeResult {
  /** Shaped as `x`. */
  readonly y: tf.Tensor4D;
  /** (outer, 1, groups, 1). */
  readonly mean: tf.Tensor4D;
  /** Biased variance, (outer, 1, groups, 1). */
  readonly var: tf.Tensor4D;
}

/**
 * Gives each slice zero mean and unit variance: `y = (x - mean) / sqrt(var + eps)`, what layer, group and instance norms have in common.
 *
 * `x` is (outer, length, groups, depth) float32; statistics are over length and depth. Gradients flow through `y`; `mean` and `var`
 * are constants to them. The three results belong to the caller's scope.
 */
export function standardize(x: tf.Tensor4D, eps: number): StandardizeResult {
  const outputs: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(Standardize, { x }, { epsilon: eps });
  const [y, mean, variance] = outputs as unknown as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return { y, mean, var: variance };
}

export const standardizeGradient: tf.GradConfig = {
  kernelName: Standardize,
  outputsToSave: [true, false, true],
  gradFunc: (dys, saved, attrs) => {
    const [dy] = dys as tf.Tensor[] as [tf.Tensor];
    const [y, variance] = saved as [tf.Tensor, tf.Tensor];
    return { x: () => tf.engine().runKernel(StandardizeGrad, { dy, y, variance }, attrs) };
  },
};

const WITHIN_SLICE = [1, 3];

/** `Standardize` composed of other ops. */
export function composedStandardize(x: tf.Tensor, epsilon: number): tf.Tensor[] {
  return tf.tidy(() => {
    const mean = tf.mean(x, WITHIN_SLICE, true);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), WITHIN_SLICE, true);
    return [tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), mean, variance];
  });
}

/** `StandardizeGrad` composed of other ops: `dx = (dy - mean(dy) - y * mean(dy * y)) / deviation`. */
export function composedStandardizeGrad(
  { dy, y, variance }: Readonly<Record<'dy' | 'y' | 'variance', tf.Tensor>>,
  epsilon: number,
): tf.Tensor {
  return tf.tidy(() => {
    const slope = tf.mean(tf.mul(dy, y), WITHIN_SLICE, true);
    const residual = tf.sub(tf.sub(dy, tf.mean(dy, WITHIN_SLICE, true)), tf.mul(y, slope));
    return tf.mul(residual, tf.rsqrt(tf.add(variance, epsilon)));
  });
}
