import type { HostArray } from '@engine/core';
import { singleProcess } from '@engine/core';
import { type BuildOptions, Registry } from '@engine/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { HostBatchLike, Sample } from './contract.js';
import { DataLoader } from './data-loader.js';
import type { DataLoaderInit } from './data-loader-init.js';
import { DefaultSampler } from './default-sampler.js';
import { defineDataset } from './define.js';
import { IterableDataset, type StreamContext } from './iterable-dataset.js';
import { RepeatDataset } from './repeat-dataset.js';

/** 0, 1, 2, ... plus 100 an epoch; remembers what was read and whether it was closed. */
class Counter extends IterableDataset {
  readonly metainfo = {};
  readonly read: number[] = [];
  closed = 0;
  constructor(
    readonly length: number,
    readonly how: { real?: number; nullAt?: number; failAt?: number; sync?: boolean } = {},
  ) {
    super();
  }
  *#all({ epoch, rank, worldSize, start }: StreamContext): Generator<Sample | null> {
    try {
      const { real = this.length, nullAt, failAt } = this.how;
      for (let i = rank + start * worldSize; i < real; i += worldSize) {
        if (i === failAt) throw new Error('torn');
        this.read.push(i);
        yield i === nullAt ? null : { inputs: i + 100 * epoch };
      }
    } finally {
      this.closed += 1;
    }
  }
  samples(ctx: StreamContext): Iterable<Sample | null> | AsyncIterable<Sample | null> {
    if (this.how.sync === true) return this.#all(ctx);
    const all = this.#all(ctx);
    return (async function* () {
      yield* all;
    })();
  }
}

async function collect(init: DataLoaderInit, { start = 0, epoch = 0, most = 1e9 } = {}): Promise<number[][]> {
  const loader = new DataLoader(init);
  await loader.init();
  loader.setEpoch(epoch);
  const batches: HostBatchLike[] = [];
  for await (const batch of loader.batches(start)) if (batches.push(batch) >= most) break;
  return batches.map(({ inputs }) => [...((inputs as HostArray).data as Int32Array)]);
}

describe('a loader of a stream', () => {
  it('cuts it into batches, epoch by epoch', async () => {
    for (const sync of [true, false]) {
      const dataset = new Counter(7, { sync });
      expect(await collect({ dataset, batchSize: 3 })).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
      expect(await collect({ dataset, batchSize: 3, dropLast: true }, { epoch: 1 })).toEqual([
        [100, 101, 102],
        [103, 104, 105],
      ]);
    }
  });

  it('goes on at any batch without reading what came before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          n: fc.integer({ min: 1, max: 30 }),
          batchSize: fc.integer({ min: 1, max: 7 }),
          prefetch: fc.nat(3),
          worldSize: fc.integer({ min: 1, max: 3 }),
          dropLast: fc.boolean(),
        }),
        async ({ n, batchSize, prefetch, worldSize, dropLast }) => {
          for (let rank = 0; rank < worldSize; rank++) {
            const how = { batchSize, prefetch, rank, worldSize, dropLast };
            const all = await collect({ dataset: new Counter(n), ...how });
            for (let start = 0; start <= all.length; start++) {
              const dataset = new Counter(n);
              expect(await collect({ dataset, ...how }, { start })).toEqual(all.slice(start));
              expect(dataset.read.every((i) => i >= start * batchSize * worldSize)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('reads no further ahead than `prefetch` batches, and closes the stream when left', async () => {
    for (const prefetch of [0, 2]) {
      const dataset = new Counter(Number.POSITIVE_INFINITY);
      expect(await collect({ dataset, batchSize: 2, prefetch }, { most: 3 })).toEqual([
        [0, 1],
        [2, 3],
        [4, 5],
      ]);
      expect(dataset.read.length).toBeLessThanOrEqual(2 * (3 + prefetch) + 1);
      expect(dataset.closed).toBe(1);
    }
  });

  it('ends with the stream when that is shorter than it said, and leaves nulls out', async () => {
    expect(await collect({ dataset: new Counter(9, { real: 4 }), batchSize: 3 })).toEqual([[0, 1, 2], [3]]);
    expect(await collect({ dataset: new Counter(4, { real: 90 }), batchSize: 3 })).toEqual([[0, 1, 2], [3]]);
    const holed = { dataset: new Counter(5, { nullAt: 1 }), batchSize: 2 };
    expect(await collect(holed)).toEqual([[0], [2, 3], [4]]);
    expect(await collect(holed, { start: 1 })).toEqual([[2, 3], [4]]); // as an uninterrupted run goes on
    await expect(collect({ ...holed, batchSize: 1 }, { start: 1 })).rejects.toMatchObject({
      code: 'ENGINE_DATASET_NO_SAMPLE',
      subject: 'Counter, samples 1 to 1 of epoch 0',
    });
  });

  it('tells what fails, at its batch', async () => {
    const loader = new DataLoader({ dataset: new Counter(9, { failAt: 5 }), batchSize: 2 });
    await loader.init();
    const iterator = loader.batches(1);
    expect((await iterator.next()).done).toBe(false);
    await expect(iterator.next()).rejects.toMatchObject({
      code: 'ENGINE_DATASET_SAMPLE_FAILED',
      subject: 'Counter, sample 5 of epoch 0',
      cause: { message: 'torn' },
    });
    const bad = new DataLoader({ dataset: new Counter(3), batchSize: 2, collateFn: () => JSON.parse('{') as never });
    await bad.init();
    await expect(bad.batches().next()).rejects.toMatchObject({ code: 'ENGINE_DATASET_COLLATE_FAILED' });
    await expect(loader.batches(6).next()).rejects.toMatchObject({ code: 'ENGINE_DATASET_BAD_POSITION' });
  });

  it('is built from a config, for each rank', async () => {
    const Streamed = defineDataset({
      name: 'Streamed',
      options: z.strictObject({}),
      create: () => new Counter(5),
    });
    const options = { args: { seed: 0 }, path: 'x', communicator: { ...singleProcess, rank: 1, size: 2 } };
    const build = (config: object) =>
      new Registry().build(
        'dataLoader',
        { type: DataLoader, dataset: { type: Streamed }, ...config },
        options as BuildOptions<'dataLoader'>,
      );
    const loader = build({ batchSize: 2 });
    await loader.init();
    expect(loader.length).toBe(1);
    const batches = [];
    for await (const { inputs } of loader.batches()) batches.push([...((inputs as HostArray).data as Int32Array)]);
    expect(batches).toEqual([[1, 3]]);
    const tooLarge = build({ batchSize: 3, dropLast: true });
    await expect(tooLarge.init()).rejects.toMatchObject({ code: 'ENGINE_DATASET_NO_BATCH' });
    const sampler = new DefaultSampler({ dataset: { length: 5 } });
    for (const more of [{ shuffle: true }, { sampler }, { batchSampler: { length: 1, batches: () => [] } }])
      expect(() => build({ batchSize: 2, ...more })).toThrowError('ENGINE_DATASET_OPTION_CONFLICT');
  });

  it('has no samples at indices', async () => {
    expect(() => new Counter(3).get(1)).toThrowError('ENGINE_DATASET_NOT_IMPLEMENTED');
    const repeated = new RepeatDataset(new Counter(3), 2);
    await repeated.init();
    expect(() => repeated.get(0, { seed: 0, epoch: 0, index: 0 })).toThrowError('ENGINE_DATASET_NOT_IMPLEMENTED');
  });
});
