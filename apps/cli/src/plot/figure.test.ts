import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochTicks, formatValue, niceTicks, stretches } from './figure.js';

describe('ticks', () => {
  it('cover what is drawn with a few round numbers', () => {
    const value = fc.double({ min: -1e3, max: 1e3, noNaN: true }).filter((x) => x === 0 || Math.abs(x) > 1e-9);
    fc.assert(
      fc.property(value, value, fc.integer({ min: 3, max: 8 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { values, min, max } = niceTicks(low, high, count);
        const slack = 1e-6 * Math.max(Math.abs(low), Math.abs(high));
        expect(min).toBeLessThanOrEqual(low + slack);
        expect(max).toBeGreaterThanOrEqual(high - slack);
        expect(values.length).toBeGreaterThanOrEqual(2);
        expect(values.length).toBeLessThanOrEqual(count + 3);
        expect([...values].sort((x, y) => x - y)).toEqual(values);
      }),
    );
  });

  it('are given for a value that never changes, too', () => {
    for (const value of [0, 0.1, -3]) {
      const { min, max } = niceTicks(value, value, 4);
      expect(max).toBeGreaterThan(min);
    }
  });

  it('of epochs begin at 0 and are not too many', () => {
    expect(epochTicks(3, 20)).toEqual([0, 1, 2, 3]);
    expect(epochTicks(100, 20)).toHaveLength(21);
    expect(epochTicks(12_345, 10).length).toBeLessThanOrEqual(14);
  });
});

describe('stretches', () => {
  it('show all extremes of a line in as many columns as there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 60 }),
        (list, columns) => {
          const values = Float64Array.from(list);
          const seen = stretches(values, columns);
          expect(seen.length).toBeLessThanOrEqual(columns + 1);
          expect(Math.max(...seen.map(({ high }) => high))).toBe(Math.max(...list));
          expect(Math.min(...seen.map(({ low }) => low))).toBe(Math.min(...list));
          expect(seen[0]?.first).toBe(list[0]);
        },
      ),
    );
  });
});

describe('values', () => {
  it.each([
    [0, '0'],
    [0.1, '0.1'],
    [0.049_391_234, '0.04939'],
    [5e-4, '0.0005'],
    [1e-5, '1e-5'],
    [1.2345e-8, '1.23e-8'],
    [250_000, '2.5e5'],
    [-0.5, '-0.5'],
  ])('%d reads %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});
