import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { clipGradients, totalNorm } from './clip-grad.js';

beforeAll(() => cpu().init());

const element = fc.double({ min: -100, max: 100, noNaN: true }).map(Math.fround);
const gradients = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

function normOf(values: readonly number[], order: number | 'inf'): number {
  if (order === 'inf' || order === Number.POSITIVE_INFINITY) return Math.max(...values.map(Math.abs));
  return values.reduce((sum, x) => sum + Math.abs(x) ** order, 0) ** (1 / order);
}

/** Values of clipped gradients, and the norm that was reported. */
function clip(arrays: readonly (readonly number[])[], options: Parameters<typeof clipGradients>[1]) {
  return tf.tidy(() => {
    const { grads, norm } = clipGradients(
      new Map(arrays.map((values, i) => [`p${i}`, tf.tensor1d([...values])])),
      options,
    );
    const values = [...grads.values()].map((grad) => Array.from(grad.dataSync()));
    return { names: [...grads.keys()], values, norm: norm?.dataSync()[0] };
  });
}

const expectNear = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(expected)));

describe('the norm of all gradients', () => {
  it.each([1, 2, 3, 1.5, 'inf', Number.POSITIVE_INFINITY] as const)(
    'of order %s is that of one long vector',
    (order) => {
      fc.assert(
        fc.property(gradients, (arrays) => {
          const [norm] = tf.tidy(() =>
            totalNorm(
              arrays.map((values) => tf.tensor1d(values)),
              order,
            ).dataSync(),
          );
          expectNear(norm as number, normOf(arrays.flat(), order));
        }),
        { numRuns: 40 },
      );
    },
  );

  it('of scalars and matrices counts every element', () => {
    const [norm] = tf.tidy(() => totalNorm([tf.scalar(3), tf.tensor2d([[4, 0]])], 2).dataSync());
    expect(norm).toBe(5);
  });
});

describe('clipping by norm', () => {
  it('keeps the direction, and shortens to the limit what is longer', () => {
    const limit = fc.double({ min: 0.01, max: 200, noNaN: true });
    fc.assert(
      fc.property(gradients, limit, fc.constantFrom(1, 2, 'inf' as const), (arrays, maxNorm, normType) => {
        const { values, norm } = clip(arrays, { type: 'norm', maxNorm, normType });
        const before = normOf(arrays.flat(), normType);
        expectNear(norm as number, before);
        const factor = Math.min(1, maxNorm / (before + 1e-6));
        for (const [i, array] of arrays.entries())
          for (const [k, x] of array.entries()) expectNear(values[i]?.[k] as number, x * factor);
        expect(normOf(values.flat(), normType)).toBeLessThanOrEqual(maxNorm * (1 + 1e-5));
      }),
      { numRuns: 80 },
    );
  });

  it('leaves zeros zeros, and names and order as they were', () => {
    expect(clip([[0], [0, 0]], { type: 'norm', maxNorm: 1, normType: 2 })).toEqual({
      names: ['p0', 'p1'],
      values: [[0], [0, 0]],
      norm: 0,
    });
  });

  it('shows an overflow instead of hiding it', () => {
    const { norm } = clip([[Number.POSITIVE_INFINITY, 1]], { type: 'norm', maxNorm: 1, normType: 2 });
    expect(norm).toBe(Number.POSITIVE_INFINITY);
    const nan = clip([[Number.NaN], [1]], { type: 'norm', maxNorm: 1, normType: 2 });
    expect(nan.values).toEqual([[Number.NaN], [Number.NaN]]);
  });
});

describe('clipping by value', () => {
  it('bounds each element by itself, and reports no norm', () => {
    fc.assert(
      fc.property(gradients, fc.double({ min: 0.01, max: 50, noNaN: true }), (arrays, clipValue) => {
        const limit = Math.fround(clipValue);
        const { values, norm } = clip(arrays, { type: 'value', clipValue });
        expect(norm).toBeUndefined();
        for (const [i, array] of arrays.entries())
          for (const [k, x] of array.entries())
            expectNear(values[i]?.[k] as number, Math.max(-limit, Math.min(limit, x)));
      }),
      { numRuns: 40 },
    );
  });
});
