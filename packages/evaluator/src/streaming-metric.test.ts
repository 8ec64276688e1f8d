import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BaseMetric, type MetricValues, StreamingMetric } from './index.js';
import { localRanks } from './testing/index.js';

class KeptSum extends BaseMetric<number> {
  process(_batch: unknown, values: readonly number[]): void {
    this.results.push(...values);
  }
  computeMetrics(results: readonly number[]): MetricValues {
    return { count: results.length, sum: results.reduce((total, value) => total + value, 0) };
  }
}

class StreamedSum extends StreamingMetric<number> {
  process(_batch: unknown, values: readonly number[]): void {
    for (const value of values) this.add(value, 2);
  }
  protected count(state: Float64Array, value: number): void {
    state[0] = (state[0] as number) + 1;
    state[1] = (state[1] as number) + value;
  }
  protected computeMetrics([count, sum]: Float64Array): MetricValues {
    return { count: count as number, sum: sum as number };
  }
}

/** What each rank gets of samples that are dealt out in turns and repeated until every rank has as many. */
const dealtOut = (size: number, ranks: number): number[][] =>
  Array.from({ length: ranks }, (_, rank) =>
    Array.from({ length: Math.ceil(size / ranks) }, (_unused, i) => (i * ranks + rank) % size),
  );

describe('StreamingMetric', () => {
  it('counts repeated samples once, as a metric that keeps its results does', async () => {
    const sizes = fc.record({
      size: fc.integer({ min: 1, max: 20 }),
      ranks: fc.integer({ min: 1, max: 6 }),
      batch: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ size, ranks, batch }) => {
        const run = (make: () => KeptSum | StreamedSum): Promise<MetricValues[]> =>
          Promise.all(
            localRanks(ranks).map((communicator) => {
              const metric = make();
              const mine = dealtOut(size, ranks)[communicator.rank] as number[];
              for (let i = 0; i < mine.length; i += batch) metric.process(undefined, mine.slice(i, i + batch));
              return metric.evaluate(size, communicator);
            }),
          );
        const expected = { count: size, sum: (size * (size - 1)) / 2 };
        expect(await run(() => new StreamedSum())).toEqual(Array.from({ length: ranks }, () => expected));
        expect(await run(() => new KeptSum())).toEqual(Array.from({ length: ranks }, () => expected));
      }),
      { numRuns: 60 },
    );
  });

  it('takes its prefix from the option, else from the class', async () => {
    class Named extends StreamedSum {
      static override readonly defaultPrefix = 'named';
    }
    const [plain, other] = [new Named(), new Named({ prefix: 'other' })];
    for (const metric of [plain, other]) metric.process(undefined, [1]);
    expect(await plain.evaluate(1)).toEqual({ 'named/count': 1, 'named/sum': 1 });
    expect(await other.evaluate(1)).toEqual({ 'other/count': 1, 'other/sum': 1 });
  });
});
