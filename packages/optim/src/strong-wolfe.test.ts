import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LinePoint, type LineSearch, strongWolfe } from './strong-wolfe.js';

/** Searches along a function of one variable from 0. */
async function search(
  value: (t: number) => number,
  slope: (t: number) => number,
  options: Partial<LineSearch> = {},
): Promise<{ point: LinePoint; evals: number; asked: number[]; start: LinePoint }> {
  const asked: number[] = [];
  const point = (t: number): LinePoint => ({ t, loss: value(t), grad: Float64Array.of(slope(t)), slope: slope(t) });
  const start = point(0);
  const at = async (t: number): Promise<LinePoint> => {
    asked.push(t);
    return point(t);
  };
  const found = await strongWolfe({ at, start, first: 1, reach: 1, toleranceChange: 1e-9, maxTrials: 25, ...options });
  return { ...found, asked, start };
}

describe('strongWolfe', () => {
  it('finds a point of sufficient decrease and flatness on any bowl, and counts what it has asked for', async () => {
    const bowl = fc.record({
      centre: fc.double({ min: 0.01, max: 50, noNaN: true }),
      steepness: fc.double({ min: 0.01, max: 20, noNaN: true }),
      quartic: fc.double({ min: 0, max: 1, noNaN: true }),
      first: fc.double({ min: 0.01, max: 10, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(bowl, async ({ centre, steepness, quartic, first }) => {
        const value = (t: number): number => steepness * (t - centre) ** 2 + quartic * (t - centre) ** 4;
        const slope = (t: number): number => 2 * steepness * (t - centre) + 4 * quartic * (t - centre) ** 3;
        const { point, evals, asked, start } = await search(value, slope, { first });
        expect(point.loss).toBeLessThanOrEqual(start.loss + 1e-4 * point.t * start.slope);
        expect(Math.abs(point.slope)).toBeLessThanOrEqual(-0.9 * start.slope);
        expect(evals).toBe(asked.length);
        expect(asked[0]).toBe(first);
      }),
    );
  });

  it('takes the first point that will do, with one evaluation', async () => {
    const { point, evals } = await search(
      (t) => (t - 1) ** 2,
      (t) => 2 * (t - 1),
    );
    expect([point.t, evals]).toEqual([1, 1]);
  });

  it('ends where trials run out or the bracket is too small to tell, with the best that it has seen', async () => {
    const wild = (t: number): number => Math.sin(40 * t) - 0.1 * t;
    const steep = (t: number): number => 40 * Math.cos(40 * t) - 0.1;
    const few = await search(
      (t) => wild(t + 0.06),
      (t) => steep(t + 0.06),
      { maxTrials: 3 },
    );
    expect(few.evals).toBeLessThanOrEqual(4);
    expect(few.point.loss).toBeLessThanOrEqual(Math.max(few.start.loss, wild(1.06)));
    const blunt = await search(
      (t) => (t - 1) ** 2,
      (t) => 2 * (t - 1),
      { first: 30, toleranceChange: 1e9 },
    );
    expect(blunt.evals).toBe(1);
    expect(blunt.point.t).toBe(0);
  });
});
