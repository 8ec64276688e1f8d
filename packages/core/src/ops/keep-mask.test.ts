import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { KeyedRandom } from '../random/keyed-random.js';
import { registerComposedKernels } from './composed-kernels.js';
import { keepMask } from './keep-mask.js';

beforeAll(async () => {
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

describe('keepMask', () => {
  it('is what the generator fills, and leaves nothing but the mask', () => {
    const keeps = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(20), keeps, (seed, length, keep) => {
        const expected = new KeyedRandom(seed, 'layer').fillBernoulli(new Float32Array(length), keep, 1 / keep);
        const before = tf.memory().numTensors;
        const mask = keepMask(new KeyedRandom(seed, 'layer'), { shape: [length, 1], keep });
        expect(tf.memory().numTensors).toBe(before + 1);
        expect(mask.shape).toEqual([length, 1]);
        expect(mask.dataSync()).toEqual(expected);
        mask.dispose();
      }),
    );
  });
});
