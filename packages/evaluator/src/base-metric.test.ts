import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { type Communicator, EngineError } from '@engine/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BaseMetric } from './base-metric.js';
import type { MetricValues } from './contract.js';
import { describeMetric, localRanks } from './testing/index.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/metrics.json', import.meta.url), 'utf8'),
) as {
  truncation: { entries: number; size: number; entries_seen_by_compute: number }[];
  prefix: { default_prefix: string | null; prefix: string | null; metrics: MetricValues }[];
  multi_rank: {
    id: string;
    world_size: number;
    dataset_size: number;
    batch_size: number;
    rank_indices: number[][];
    ranks: { seen: number[] | null; seen_batches: number[][] | null }[];
  }[];
};

/** Keeps whatever it is shown and remembers what it computed from. */
class Collects extends BaseMetric<unknown> {
  seen: readonly unknown[] | undefined;
  constructor(
    readonly compute: (results: readonly unknown[]) => MetricValues | Promise<MetricValues> = (results) => ({
      count: results.length,
    }),
    prefix?: string,
  ) {
    super({ prefix });
  }
  process(_batch: unknown, predictions: unknown): void {
    this.results.push(predictions);
  }
  computeMetrics(results: readonly unknown[]): MetricValues | Promise<MetricValues> {
    this.seen = results;
    return this.compute(results);
  }
}

class Mean extends BaseMetric<number> {
  static override readonly defaultPrefix = 'dflt';
  process(batch: unknown): void {
    this.results.push(...(batch as number[]));
  }
  computeMetrics(results: readonly number[]): MetricValues {
    return { mean: results.reduce((sum, value) => sum + value, 0) / results.length };
  }
}

beforeAll(() => cpu().init());

describeMetric(() => new Mean(), {
  size: 8,
  batches: () =>
    [
      [1, 2],
      [4, 8],
      [0.5, 0.25],
      [-3, 7],
    ].map((batch) => ({ batch, predictions: undefined })),
});

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing thrown',
    (error: unknown) => error,
  );

async function onRanks(
  parts: readonly (readonly unknown[])[],
  size: number,
  make: (communicator: Communicator) => Collects = () => new Collects(),
) {
  const metrics: Collects[] = [];
  const values = await Promise.all(
    localRanks(parts.length).map((communicator, rank) => {
      const metric = make(communicator);
      metrics[rank] = metric;
      for (const part of parts[rank] ?? []) metric.process(undefined, part);
      return metric.evaluate(size, communicator).catch((error: unknown) => error as MetricValues);
    }),
  );
  return { metrics, values };
}

describe('BaseMetric', () => {
  it('cuts results to the size of the dataset, as MMEngine does', async () => {
    for (const { entries, size, entries_seen_by_compute: seen } of golden.truncation) {
      const metric = new Collects();
      for (let i = 0; i < entries; i++) metric.process(undefined, i);
      expect(await metric.evaluate(size)).toEqual({ count: seen });
      expect(metric.seen).toEqual(Array.from({ length: seen }, (_, i) => i));
    }
  });

  it('puts the prefix before names, as MMEngine does', async () => {
    for (const { default_prefix: ofClass, prefix, metrics } of golden.prefix) {
      class Prefixed extends Collects {
        static override readonly defaultPrefix: string | undefined = ofClass ?? undefined;
      }
      expect(await new Prefixed(() => ({ a: 1, b: 0.5 }), prefix ?? undefined).evaluate(0)).toEqual(metrics);
    }
  });

  it('brings the results of all ranks into the order of MMEngine, on rank 0 only', async () => {
    for (const sample of golden.multi_rank) {
      const perSample = await onRanks(sample.rank_indices, sample.dataset_size);
      expect(
        perSample.metrics.map((metric) => metric.seen ?? null),
        sample.id,
      ).toEqual(sample.ranks.map((rank) => rank.seen));
      const batches = sample.rank_indices.map((indices) =>
        Array.from({ length: Math.ceil(indices.length / sample.batch_size) }, (_, i) =>
          indices.slice(i * sample.batch_size, (i + 1) * sample.batch_size),
        ),
      );
      const perBatch = await onRanks(batches, sample.dataset_size);
      expect(perBatch.metrics[0]?.seen, sample.id).toEqual(sample.ranks[0]?.seen_batches);
    }
  });

  it('restores the order of the dataset for any number of ranks, and gives all of them the values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(20), async (ranks, size) => {
        const rounded = Math.ceil(size / ranks) * ranks;
        const parts = Array.from({ length: ranks }, (_, rank) =>
          Array.from({ length: rounded / ranks }, (__, i) => (rank + i * ranks) % Math.max(1, size)),
        );
        const { metrics, values } = await onRanks(parts, size);
        expect(metrics[0]?.seen).toEqual(Array.from({ length: size }, (_, i) => i));
        expect(values).toEqual(parts.map(() => ({ count: size })));
        for (const metric of metrics) expect(metric.results).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('sends results and values exactly, also numbers that JSON does not have', async () => {
    const odd = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      0.1 + 0.2,
      5e-324,
      null,
      true,
      'text',
      [1, [2]],
      { a: { b: Number.NaN } },
    ];
    const { metrics, values } = await onRanks(
      [odd, odd],
      100,
      () => new Collects(() => ({ odd: odd as never, nan: Number.NaN })),
    );
    expect(metrics[0]?.seen).toEqual(odd.flatMap((value) => [value, value]));
    expect(values[1]).toEqual({ odd, nan: Number.NaN });
  });

  it('computes from nothing when nothing was seen', async () => {
    expect(await new Collects().evaluate(3)).toEqual({ count: 0 });
  });

  it('is empty again after a failure', async () => {
    const metric = new Collects(() => Promise.reject(new Error('no')));
    metric.process(undefined, 1);
    await expect(metric.evaluate(3)).rejects.toThrow('no');
    expect(metric.results).toEqual([]);
  });

  it('tells all ranks when one fails, each with its own reason (ENGINE_EVALUATOR_RANK_FAILED)', async () => {
    const boom = new Error('boom');
    const { values } = await onRanks([[1], [2], [3]], 3, () => new Collects(() => Promise.reject(boom)));
    expect(values[0]).toBe(boom);
    for (const value of values.slice(1)) {
      expect(value).toMatchObject({ code: 'ENGINE_EVALUATOR_RANK_FAILED', received: 'a failure on rank 0: boom' });
    }
  });

  it.each<[string, unknown, string]>([
    ['typed arrays', new Float32Array(2), 'value[0] is Float32Array'],
    ['undefined', undefined, 'value[0] is undefined'],
    ['class instances', { when: [new Date(0)] }, 'value[0].when[0] is Date'],
    ['functions', { f: () => 1 }, 'value[0].f is function'],
    ['symbols', Symbol('x'), 'value[0] is symbol'],
  ])('refuses to send %s to other ranks with ENGINE_EVALUATOR_NOT_SERIALIZABLE', async (_, value, received) => {
    const { values } = await onRanks([[1], [value]], 2);
    expect(values[1]).toMatchObject({ code: 'ENGINE_EVALUATOR_NOT_SERIALIZABLE', received });
    expect(values[0]).toMatchObject({ code: 'ENGINE_EVALUATOR_RANK_FAILED' });
  });

  it('refuses values without names with ENGINE_EVALUATOR_BAD_VALUES', async () => {
    for (const values of [undefined, null, 3, [1]]) {
      await expect(new Collects(() => values as never).evaluate(1)).rejects.toMatchObject({
        code: 'ENGINE_EVALUATOR_BAD_VALUES',
      });
    }
  });

  it.each([-1, 0.5, Number.NaN])('refuses the size %s with ENGINE_EVALUATOR_BAD_SIZE', async (size) => {
    const error = await failure(new Collects().evaluate(size));
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'ENGINE_EVALUATOR_BAD_SIZE' });
  });
});

describe('counts', () => {
  it('reach every rank as the integers that they are', async () => {
    const values = await Promise.all(
      localRanks(2).map((communicator) =>
        new Collects(() => ({ count: 2n ** 60n, share: 0.5 })).evaluate(0, communicator),
      ),
    );
    expect(values).toEqual(Array.from({ length: 2 }, () => ({ count: 2n ** 60n, share: 0.5 })));
  });
});
