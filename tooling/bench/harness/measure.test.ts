import { describe, expect, it } from 'vitest';
import type { Contender } from './bench.js';
import { closingLine, lossLines, measure, median, shareAbove, worst } from './measure.js';

const log: string[] = [];
const contender = (name: string, times: readonly number[]): Contender => {
  let round = 0;
  return {
    name,
    round: async () => {
      log.push(name);
      return times[round++] ?? Number.NaN;
    },
  };
};

describe('measure', () => {
  it('interleaves the rounds and divides the medians: above 1 we are faster', async () => {
    log.length = 0;
    const result = await measure({ ours: contender('ours', [1, 100, 2]), rival: contender('rival', [4, 3, 90]) }, 3);
    expect(log).toEqual(['ours', 'rival', 'ours', 'rival', 'ours', 'rival']);
    expect(result).toMatchObject({ ours: { median: 2, best: 1 }, rival: { median: 4, best: 3 }, ratio: 2 });
    expect(result.cpuRatio).toBeUndefined();
  });

  it('measures a third side in the same rounds', async () => {
    log.length = 0;
    const sides = { ours: contender('ours', [1, 1]), rival: 'none', second: contender('second', [4, 6]) };
    expect((await measure(sides, 2)).second).toMatchObject({ median: 5, best: 4 });
    expect(log).toEqual(['ours', 'second', 'ours', 'second']);
  });

  it('divides processor times too where both sides know theirs', async () => {
    const using = (name: string, ...used: number[]): Contender => ({
      ...contender(name, [1, 1, 1]),
      cpu: () => used.shift() as number,
    });
    const result = await measure({ ours: using('ours', 5, 4, 3), rival: using('rival', 1, 2, 9) }, 3);
    expect(result.cpuRatio).toBe(0.5);
  });

  it('measures us alone where there is no rival, and gives no ratio', async () => {
    expect(await measure({ ours: contender('ours', [5, 7]), rival: 'PyTorch is not importable' }, 2)).toEqual({
      ours: { median: 6, best: 5, cpu: Number.NaN, times: [5, 7], cpuTimes: [Number.NaN, Number.NaN] },
      rival: undefined,
      second: undefined,
      ratio: undefined,
      cpuRatio: undefined,
    });
  });

  it('takes the share of one side above another round by round', () => {
    expect(shareAbove([1.1, 22, 1.5], [1, 20, 1])).toBeCloseTo(0.1);
  });

  it('compares the losses of the first steps', () => {
    expect(lossLines([2.5, 1], [2.5, 1.25])).toEqual([
      'losses: ours 2.50000 1.00000',
      'losses: rival 2.50000 1.25000',
      'largest difference 2.5e-1',
    ]);
    expect(lossLines([1, 2], [1])[2]).toBe('largest difference NaN');
  });

  it('ends with one line', () => {
    expect(closingLine('step', 0.2, 0.34567)).toBe('bench step: ratio 0.346 (aim 0.2)');
    expect(closingLine('step', 0.2, undefined)).toBe('bench step: ratio n/a (aim 0.2)');
  });

  it('ends with the one of several that is furthest below its aim', () => {
    const results = [
      { ratio: 9, aim: 8 },
      { ratio: 0.8, aim: 1 },
      { ratio: 1.1, aim: 1.2 },
    ];
    expect(worst(results)).toEqual({ ratio: 0.8, aim: 1 });
    expect(worst([...results, { ratio: undefined, aim: 0.1 }])).toEqual({ ratio: undefined, aim: 0.1 });
  });

  it('has no median of nothing', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(() => median([])).toThrow('no values');
  });
});
