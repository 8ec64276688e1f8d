import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hyperTensors } from './hyper-tensors.js';

beforeAll(() => cpu().init());

describe('hyperTensors', () => {
  it('makes float32 scalars under the same names, in the same order', () => {
    tf.tidy(() => {
      const made = hyperTensors({ lr: 0.1, beta: 1, steps: 3 });
      expect(Object.keys(made)).toEqual(['lr', 'beta', 'steps']);
      for (const { dtype, shape } of Object.values(made)) expect([dtype, shape]).toEqual(['float32', []]);
      expect(Object.values(made).map((tensor) => tensor.dataSync()[0])).toEqual([Math.fround(0.1), 1, 3]);
    });
  });
});
