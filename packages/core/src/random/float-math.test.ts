import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fma32, fma64, log32, sinCos32 } from './float-math.js';

/** `value = mantissa * 2^exponent`, exactly. */
function exact(value: number): { mantissa: bigint; exponent: number } {
  let [scaled, exponent] = [value, 0];
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    exponent -= 1;
  }
  return { mantissa: BigInt(scaled), exponent };
}

/** `a * b + c` in integers, then rounded once, to nearest even, to `bits` significant bits. */
function slowFma(a: number, b: number, c: number, bits: number): number {
  const [x, y, z] = [exact(a), exact(b), exact(c)];
  const exponent = Math.min(x.exponent + y.exponent, z.exponent);
  const total =
    x.mantissa * y.mantissa * 2n ** BigInt(x.exponent + y.exponent - exponent) +
    z.mantissa * 2n ** BigInt(z.exponent - exponent);
  const magnitude = total < 0n ? -total : total;
  const excess = Math.max(magnitude.toString(2).length - bits, 0);
  const unit = 2n ** BigInt(excess);
  let rounded = magnitude / unit;
  const rest = (magnitude % unit) * 2n;
  if (rest > unit || (rest === unit && rounded % 2n === 1n)) rounded += 1n;
  const value = Number(rounded) * 2 ** (exponent + excess);
  return total < 0n ? -value : value;
}

const float32 = fc
  .float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
  .filter((x) => Math.abs(x) > 1e-6);
const float64 = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
  .filter((x) => Math.abs(x) > 1e-6);

describe('fma32', () => {
  it('rounds once', () => {
    fc.assert(
      fc.property(float32, float32, float32, (a, b, c) => fma32(a, b, c) === slowFma(a, b, c, 24)),
      { numRuns: 2000 },
    );
  });

  it('rounds once where rounding the double-precision sum again would not', () => {
    // the exact sum lies just beside the middle of two floats, by less than a double can tell
    const [a, b] = [Math.fround(1 + 2 ** -12), Math.fround(1 + 2 ** -12)];
    const c = 2 ** -54 * (1 + 2 ** -20);
    const near = Math.fround(a * b + c);
    expect(fma32(a, b, c)).toBe(slowFma(a, b, c, 24));
    expect(fma32(-a, b, -c)).toBe(-slowFma(a, b, c, 24));
    expect(fma32(a, b, -c)).toBe(slowFma(a, b, -c, 24));
    expect(near).not.toBe(fma32(a, b, c));
  });

  it('rounds to odd downwards across a word boundary', () => {
    const [a, b, c] = [Math.fround(1 + 2 ** -12), Math.fround(1 + 2 ** -12), -(2 ** -60)];
    expect(fma32(a, b, c)).toBe(slowFma(a, b, c, 24));
  });
});

describe('fma64', () => {
  it('rounds once', () => {
    fc.assert(
      fc.property(float64, float64, float64, (a, b, c) => fma64(a, b, c) === slowFma(a, b, c, 53)),
      { numRuns: 2000 },
    );
  });

  it('keeps what cancellation leaves', () => {
    const a = 1 + 2 ** -30;
    expect(fma64(a, a, -(1 + 2 ** -29))).toBe(2 ** -60);
    expect(fma64(3, 5, 0)).toBe(15);
  });
});

describe('float32 functions', () => {
  it('log32 stays within two units in the last place', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-30), max: 1, noNaN: true }), (x) => {
        expect(Math.abs(log32(x) - Math.log(x))).toBeLessThanOrEqual(
          2 ** -22 * Math.max(Math.abs(Math.log(x)), 2 ** -2),
        );
      }),
    );
    expect(log32(0)).toBeCloseTo(Math.log(2 ** -126), 4);
  });

  it('sinCos32 follows sine and cosine in every octant', () => {
    for (let angle = -7; angle < 7; angle += 0.01) {
      const x = Math.fround(angle);
      const { sin, cos } = sinCos32(x);
      expect(Math.abs(sin - Math.sin(x))).toBeLessThan(2e-7);
      expect(Math.abs(cos - Math.cos(x))).toBeLessThan(2e-7);
    }
  });
});
