import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramOf } from './histogram.js';

describe('histogramOf', () => {
  it('counts every finite value once, in buckets that end at the largest', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
        const finite = values.filter(Number.isFinite);
        const counted = histogramOf(Float64Array.from(values));
        if (finite.length === 0) return expect(counted).toBeUndefined();
        expect(counted?.counts.reduce((a, b) => a + b, 0)).toBe(finite.length);
        expect(counted?.count).toBe(finite.length);
        expect(counted?.limits.at(-1)).toBe(Math.max(...finite));
        expect([...(counted?.limits ?? [])].sort((a, b) => a - b)).toEqual(counted?.limits);
      }),
    );
  });

  it('puts equal values into one bucket, and the sums beside it', () => {
    expect(histogramOf([2, 2, Number.NaN, Number.POSITIVE_INFINITY])).toEqual({
      min: 2,
      max: 2,
      count: 2,
      sum: 4,
      sumSquares: 8,
      limits: [2],
      counts: [2],
    });
    expect(histogramOf([])).toBeUndefined();
    expect(histogramOf([0, 30])?.counts).toEqual([1, ...Array.from({ length: 28 }, () => 0), 1]);
  });
});
