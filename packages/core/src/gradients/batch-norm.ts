import * as tf from '@tensorflow/tfjs-core';
import { single, sumToShape } from './axes.js';

/** Batch norm with given statistics; channel vectors broadcast instead of being tiled to the size of `x`. */
export const fusedBatchNormGradient: tf.GradConfig = {
  kernelName: tf.FusedBatchNorm,
  inputsToSave: ['x', 'mean', 'variance', 'scale'],
  gradFunc: (dyOrList, saved, attrs) => {
    const dy = single(dyOrList);
    const [x, mean, variance, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const { varianceEpsilon } = attrs as unknown as tf.FusedBatchNormAttrs;
    const inverseDeviation = () => tf.rsqrt(tf.add(variance, varianceEpsilon));
    const perChannel = (full: tf.Tensor) => sumToShape(full, mean.shape);
    const dyTimesCentred = () => perChannel(tf.mul(dy, tf.sub(x, mean)));
    return {
      x: () => tf.mul(dy, tf.mul(scale, inverseDeviation())),
      mean: () => tf.neg(tf.mul(perChannel(dy), tf.mul(scale, inverseDeviation()))),
      variance: () =>
        tf.mul(
          dyTimesCentred(),
          tf.mul(tf.mul(scale, -0.5), tf.mul(inverseDeviation(), tf.div(1, tf.add(variance, varianceEpsilon)))),
        ),
      scale: () => tf.mul(dyTimesCentred(), inverseDeviation()),
      offset: () => perChannel(dy),
    };
  },
};
