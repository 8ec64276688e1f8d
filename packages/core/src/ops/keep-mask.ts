import * as tf from '@tensorflow/tfjs-core';
import { KeyedRandom } from '../random/keyed-random.js';

/** Kernel name; a backend may register one that draws on the device. It gives the same bits. */
export const KeepMask = 'KeepMask';

export interface KeepMaskOptions {
  readonly shape: readonly number[];
  /** Probability of staying, above 0 up to 1. */
  readonly keep: number;
}

/**
 * What dropout multiplies by: `1 / keep` with probability `keep`, else 0, float32. Drawn from the first numbers of `random`, one for each
 * element, on every backend alike. Key and counter reach the kernel as tensors, so a recorded step draws anew when they change.
 */
export function keepMask(random: KeyedRandom, { shape, keep }: KeepMaskOptions): tf.Tensor {
  const [key0, key1, high0, high1] = new Int32Array(random.words.buffer) as unknown as [number, number, number, number];
  return tf.tidy(() => {
    const key = tf.tensor2d([key0, key1], [1, 2], 'int32');
    const counter = tf.tensor2d([0, 0, high0, high1], [2, 2], 'int32');
    return tf.engine().runKernel(KeepMask, { key, counter }, { shape: [...shape], keep }) as tf.Tensor;
  });
}

/** `KeepMask` drawn on the host: for backends whose tensors lie there. */
export function hostKeepMask(
  { key, counter }: Readonly<Record<'key' | 'counter', tf.Tensor>>,
  { shape, keep }: KeepMaskOptions,
): tf.Tensor {
  const words = Int32Array.of(...key.dataSync<'int32'>(), ...counter.dataSync<'int32'>().slice(2));
  const random = KeyedRandom.ofWords(new Uint32Array(words.buffer));
  const mask = new Float32Array(shape.reduce((size, extent) => size * extent, 1));
  return tf.tensor(random.fillBernoulli(mask, keep, 1 / keep), [...shape], 'float32');
}
