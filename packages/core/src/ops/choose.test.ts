import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { choose } from './choose.js';
import { registerComposedKernels } from './composed-kernels.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
  registerComposedKernels('cpu');
});

describe('choosing, composed of other ops', () => {
  it.each([
    [true, [1, 2, 3, 4]],
    [false, [5, 6, 7, 8]],
  ])('for %s gives the one tensor as a whole', (condition, want) => {
    const got = tf.tidy(() => {
      const [a, b] = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])];
      const nan = tf.mul(a, Number.NaN);
      const flag = tf.scalar(condition, 'bool');
      expect(Array.from(choose(flag, condition ? a : nan, condition ? nan : b).dataSync())).toEqual(want);
      return Array.from(choose(flag, a, b).dataSync());
    });
    expect(got).toEqual(want);
  });

  it('of scalars gives a scalar', () => {
    const [shape, value] = tf.tidy(() => {
      const chosen = choose(tf.scalar(false, 'bool'), tf.scalar(1), tf.scalar(2));
      return [chosen.shape, chosen.dataSync()[0]];
    });
    expect([shape, value]).toEqual([[], 2]);
  });
});
