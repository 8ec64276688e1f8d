import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TorchGenerator } from './torch-generator.js';

const bound = fc.double({ min: -3, max: 3, noNaN: true });

describe('truncNormal', () => {
  it.each(['inversion', 'rejection'] as const)('by %s stays between its bounds', (method) => {
    fc.assert(
      fc.property(fc.nat(), bound, fc.double({ min: 0.3, max: 3, noNaN: true }), (seed, a, width) => {
        const b = a + width;
        for (const value of new TorchGenerator(seed).truncNormal(20, { a, b, method })) {
          expect(value).toBeGreaterThanOrEqual(Math.fround(a));
          expect(value).toBeLessThanOrEqual(Math.fround(b));
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each(['inversion', 'rejection'] as const)(
    'by %s has the mean of the cut distribution, wide or narrow',
    (method) => {
      const mean = (a: number, b: number): number => {
        const values = new TorchGenerator(3).truncNormal(20_000, { a, b, method });
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      };
      expect(mean(-1, 2)).toBeCloseTo(0.2296, 1); // (phi(-1) - phi(2)) / (Phi(2) - Phi(-1))
      expect(mean(1.5, 2.5)).toBeCloseTo(1.8447, 1);
    },
  );

  it.each([{ std: 0 }, { a: 1, b: 1 }, { std: Number.NaN }])('ENGINE_CORE_BAD_SEED: %o', (options) => {
    expect(() => new TorchGenerator(0).truncNormal(3, options)).toThrow('ENGINE_CORE_BAD_SEED');
  });
});
