import * as tf from '@tensorflow/tfjs-core';

/** Values without ties and away from zero. */
export function numbers(...shape: number[]): tf.Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5 + 0.2),
    shape,
  );
}
