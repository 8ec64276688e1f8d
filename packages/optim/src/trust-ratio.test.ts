import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { norm, trusted } from './trust-ratio.js';

beforeAll(() => cpu().init());

const read = (compute: () => tf.Tensor): number => tf.tidy(() => compute().dataSync()[0] as number);

describe('norm', () => {
  it('is the Euclidean length, whatever the shape', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (values) => {
          const expected = Math.hypot(...values);
          for (const shape of [[values.length], [1, values.length, 1]])
            expect(read(() => norm(tf.tensor(values, shape)))).toBeCloseTo(expected, 3);
        },
      ),
    );
    expect(read(() => norm(tf.scalar(-3)))).toBe(3);
  });
});

describe('trusted', () => {
  it.each([
    [2, 3, 0.5],
    [0, 3, 1],
    [2, 0, 1],
    [0, 0, 1],
  ])('with norms %s and %s the ratio 0.5 becomes %s', (weights, update, expected) => {
    expect(read(() => trusted(tf.scalar(0.5), [tf.scalar(weights), tf.scalar(update)]))).toBe(expected);
  });

  it('is 1 also where the ratio was not a number', () => {
    expect(read(() => trusted(tf.div(tf.scalar(0), tf.scalar(0)), [tf.scalar(0), tf.scalar(0)]))).toBe(1);
  });
});
