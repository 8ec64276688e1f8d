import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Moments } from './moments.js';

it('is the mean and deviation of all numbers, however they are grouped', () => {
  const group = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 1 }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      (groups, offset) => {
        const moved = groups.map((values) => values.map((value) => value + offset));
        const all = moved.flat();
        const moments = new Moments();
        for (const values of moved) moments.addGroup(values, { start: 0, step: 1, count: values.length });
        expect(moments.count).toBe(all.length);
        if (all.length === 0) {
          expect([moments.std, moments.summary()]).toEqual([0, undefined]);
          return;
        }
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
        expect(Math.abs(moments.mean - mean)).toBeLessThan(1e-9 * (1 + Math.abs(mean)));
        expect(Math.abs(moments.std - Math.sqrt(variance))).toBeLessThan(1e-6);
        expect([moments.min, moments.max]).toEqual([Math.min(...all), Math.max(...all)]);
      },
    ),
  );
});

it('takes every so many numbers of an array', () => {
  const moments = new Moments();
  moments.addGroup([9, 1, 9, 9, 3, 9], { start: 1, step: 3, count: 2 });
  moments.add(8);
  expect(moments.summary()).toEqual({ min: 1, mean: 4, max: 8 });
});
