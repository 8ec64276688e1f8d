import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dot, largest, plus, scaled } from './vectors.js';

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const pairs = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc.tuple(
      ...[0, 1].map(() => fc.array(number, { minLength: size, maxLength: size }).map((all) => Float64Array.from(all))),
    ),
  ) as fc.Arbitrary<[Float64Array, Float64Array]>;

describe('vectors', () => {
  it('dot is symmetric, and the squared length of a vector with itself', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(dot(a, b)).toBe(dot(b, a));
        expect(dot(a, a)).toBe(a.reduce((sum, value) => sum + value * value, 0));
      }),
    );
  });

  it('plus and scaled work element by element, and change neither operand', () => {
    fc.assert(
      fc.property(pairs, number, ([a, b], scale) => {
        const before = [a.slice(), b.slice()];
        expect([...plus(a, b, scale)]).toEqual([...a].map((value, i) => value + scale * (b[i] as number)));
        expect([...scaled(a, scale)]).toEqual([...a].map((value) => value * scale));
        expect([a, b]).toEqual(before);
      }),
    );
  });

  it('the largest magnitude does not depend on signs, and is NaN where an element is', () => {
    fc.assert(
      fc.property(pairs, ([a]) => {
        expect(largest(a)).toBe(Math.max(0, ...[...a].map(Math.abs)));
        expect(largest(scaled(a, -1))).toBe(largest(a));
        expect(largest(Float64Array.of(...a, Number.NaN))).toBeNaN();
      }),
    );
    expect(largest(Float64Array.of(1, Number.NEGATIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
  });
});
