import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erf, erfinv32 } from './erf.js';

describe('erf', () => {
  it.each([
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
  ])('of %f is known', (x, value) => {
    expect(Math.abs(erf(x) - value)).toBeLessThan(1e-15);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('saturates', () => {
    expect([erf(0), erf(7), erf(-40)]).toEqual([0, 1, -1]);
  });
});

describe('erfinv32', () => {
  it('inverts erf to float32', () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (x) => {
        expect(Math.abs(erfinv32(erf(x)) - x)).toBeLessThanOrEqual(Math.abs(x) * 2 ** -23 + 1e-11);
      }),
    );
  });

  it('is infinite at the ends', () => {
    expect([erfinv32(0), erfinv32(1), erfinv32(-1)]).toEqual([0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });
});
