import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyN } from './every-n.js';

const hits = (n: number, start?: number): number[] =>
  Array.from({ length: 12 }, (_, index) => index).filter((index) => everyN(index, n, start));

describe('everyN', () => {
  it('counts from one, and from where it is told', () => {
    expect(hits(3)).toEqual([2, 5, 8, 11]);
    expect(hits(1)).toHaveLength(12);
    expect(hits(5, 2)).toEqual([1, 6, 11]);
  });

  it.each([0, -1, -7])('never comes for n = %s', (n) => {
    expect(hits(n)).toEqual([]);
  });

  it('comes exactly every n-th time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(50), fc.nat(500), (n, start, index) => {
        expect(everyN(start + index, n, start)).toBe((index + 1) % n === 0);
        expect(everyN(start - 2 - index, n, start)).toBe(false);
      }),
    );
  });
});
