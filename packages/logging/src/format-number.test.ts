import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatExponent, formatFixed } from './format-number.js';

describe('formatFixed', () => {
  it.each([
    [0.5, 4, '0.5000'],
    [11, 4, '11.0000'],
    [0.03125, 4, '0.0312'], // ties go to the even digit, where toFixed gives 0.0313
    [0.09375, 4, '0.0938'],
    [2.5, 0, '2'],
    [3.5, 0, '4'],
    [0.125, 2, '0.12'],
    [1.005, 2, '1.00'], // the double lies below the tie
    [0.00005, 4, '0.0001'], // the double lies above it
    [-0.03125, 4, '-0.0312'],
    [-0, 2, '-0.00'],
    [1e21, 1, '1000000000000000000000.0'],
    [1e22, 0, '10000000000000000000000'],
    [Number.NaN, 4, 'nan'],
    [Number.POSITIVE_INFINITY, 4, 'inf'],
    [Number.NEGATIVE_INFINITY, 4, '-inf'],
  ])('%d with %i digits is %s', (value, digits, text) => {
    expect(formatFixed(value, digits)).toBe(text);
  });

  it('is never further off than half a unit of the last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 8 }), (value, digits) => {
        const text = formatFixed(value, digits);
        expect(text).toMatch(digits === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${digits}}$`));
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(0.5 * 10 ** -digits * (1 + 1e-9) + 1e-10);
      }),
    );
  });
});

describe('formatExponent', () => {
  it.each([
    [0.01, 4, '1.0000e-02'],
    [1, 4, '1.0000e+00'],
    [0, 4, '0.0000e+00'],
    [0.03125, 2, '3.12e-02'],
    [2.5, 0, '2e+00'],
    [9.9999999, 2, '1.00e+01'],
    [-1.5e-120, 1, '-1.5e-120'],
    [Number.NaN, 4, 'nan'],
  ])('%d with %i digits is %s', (value, digits, text) => {
    expect(formatExponent(value, digits)).toBe(text);
  });

  it('reads back as the number, to the digits shown', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatExponent(value, 16);
        expect(text).toMatch(/^-?\d\.\d{16}e[+-]\d{2,3}$/);
        expect(Number(text)).toBe(value);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0:00:00'],
    [59.999, '0:00:59'],
    [3661, '1:01:01'],
    [90061, '1 day, 1:01:01'],
    [172_805.9, '2 days, 0:00:05'],
    [-3, '0:00:00'],
    [Number.NaN, 'unknown'],
    [Number.POSITIVE_INFINITY, 'unknown'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
