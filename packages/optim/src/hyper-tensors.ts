import * as tf from '@tensorflow/tfjs-core';

/**
 * Turns host doubles into float32 scalars: the one place where what changes from step to step (learning rate, momentum,
 * bias correction, accumulation factor) enters the device. The same names come in the same order at every step.
 */
export function hyperTensors<K extends string>(values: Readonly<Record<K, number>>): Readonly<Record<K, tf.Tensor>> {
  return Object.fromEntries(
    Object.entries<number>(values).map(([name, value]) => [name, tf.scalar(value, 'float32')]),
  ) as Record<K, tf.Tensor>;
}
