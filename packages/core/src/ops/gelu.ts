import * as tf from '@tensorflow/tfjs-core';
import { single } from '../gradients/axes.js';

/** Kernel names; a backend may register fused kernels of its own under them. */
export const Gelu = 'Gelu';
export const GeluGrad = 'GeluGrad';

/** `x Φ(x)` with the normal distribution function Φ, any shape, float32. Hendrycks and Gimpel 2016. */
export function gelu<T extends tf.Tensor>(x: T): T {
  return tf.engine().runKernel(Gelu, { x });
}

export const geluGradient: tf.GradConfig = {
  kernelName: Gelu,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const [x] = saved as [tf.Tensor];
    return { x: () => tf.engine().runKernel(GeluGrad, { dy: single(dy), x }) };
  },
};

/** Linear in `dy`; in `x` the second derivative, `φ(x) (2 - x^2)`. */
export const geluGradGradient: tf.GradConfig = {
  kernelName: GeluGrad,
  inputsToSave: ['dy', 'x'],
  gradFunc: (ddx, saved) => {
    const [dy, x] = saved as [tf.Tensor, tf.Tensor];
    return {
      dy: () => tf.engine().runKernel(GeluGrad, { dy: single(ddx), x }),
      x: () => tf.mul(tf.mul(single(ddx), dy), tf.mul(density(x), tf.sub(2, tf.square(x)))),
    };
  },
};

/** Of the normal density. */
export const NORMAL_PEAK = 1 / Math.sqrt(2 * Math.PI);

const density = (x: tf.Tensor): tf.Tensor => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), NORMAL_PEAK);

/** `Gelu` composed of other ops. */
export function composedGelu(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));
}

/** `GeluGrad` composed of other ops: `dy (Φ(x) + x φ(x))`. */
export function composedGeluGrad({ dy, x }: Readonly<Record<'dy' | 'x', tf.Tensor>>): tf.Tensor {
  return tf.tidy(() => {
    const distribution = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    return tf.mul(dy, tf.add(distribution, tf.mul(x, density(x))));
  });
}
