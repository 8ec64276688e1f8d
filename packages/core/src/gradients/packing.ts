import * as tf from '@tensorflow/tfjs-core';

/** TensorFlow.js's own fails where a tensor is unstacked into one: it gets that one gradient bare. */
export const unpackGradient: tf.GradConfig = {
  kernelName: tf.Unpack,
  gradFunc: (dys, _saved, attrs) => ({ value: () => tf.stack([dys].flat(), Number(attrs['axis'])) }),
};
