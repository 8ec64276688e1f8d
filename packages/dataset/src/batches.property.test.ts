/** What an epoch yields does not depend on how it is fetched: prefetching, promises, resuming, stopping early. */
import { hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchCount, batchIndices } from './batch-indices.js';
import { DataLoader, type Dataset, type HostBatchLike, sampleRandom } from './index.js';

interface Trial {
  readonly length: number;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly epoch: number;
  readonly prefetch: number;
  /** Which samples are loaded asynchronously, and how many turns they take. */
  readonly delays: readonly number[];
  /** Which samples are null, so that another one stands in. */
  readonly holes: readonly boolean[];
}

const trials: fc.Arbitrary<Trial> = fc.record({
  length: fc.integer({ min: 1, max: 25 }),
  batchSize: fc.integer({ min: 1, max: 7 }),
  dropLast: fc.boolean(),
  shuffle: fc.boolean(),
  seed: fc.nat(1000),
  epoch: fc.nat(5),
  prefetch: fc.nat(4),
  delays: fc.array(fc.nat(3), { minLength: 25, maxLength: 25 }),
  holes: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }).map((drawn) => [false, ...drawn]),
});

/** Samples with augmentation: their index, and a number drawn for them. */
function dataset({ length, delays, holes }: Trial, log: number[] = []): Dataset {
  return {
    metainfo: {},
    init: async () => {},
    length,
    get: (index, ctx) => {
      log.push(index);
      if (holes[index] === true) return null;
      const noise = Float32Array.of(sampleRandom(ctx).nextFloat());
      const sample = { inputs: hostArray('float32', [1], noise), samples: index };
      let waiting = delays[index] ?? 0;
      if (waiting === 0) return sample;
      const wait = async (): Promise<typeof sample> => (waiting-- > 0 ? wait() : sample);
      return wait();
    },
  };
}

async function loaderOf(trial: Trial, overrides: Partial<Trial> = {}, log: number[] = []): Promise<DataLoader> {
  const { batchSize, dropLast, shuffle, seed, prefetch, epoch } = { ...trial, ...overrides };
  const loader = new DataLoader({
    dataset: dataset({ ...trial, ...overrides }, log),
    batchSize,
    dropLast,
    shuffle,
    seed,
    prefetch,
  });
  await loader.init();
  loader.setEpoch(epoch);
  return loader;
}

async function all(batches: AsyncIterable<HostBatchLike>): Promise<HostBatchLike[]> {
  const list: HostBatchLike[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

describe('the batches of an epoch', () => {
  it('are the same however they are fetched', async () => {
    await fc.assert(
      fc.asyncProperty(trials, fc.nat(4), async (trial, prefetch) => {
        const plain = await loaderOf(trial, { prefetch: 0, delays: trial.delays.map(() => 0) });
        const expected = await all(plain.batches());
        const other = await loaderOf(trial, { prefetch });
        expect(await all(other.batches())).toEqual(expected);
        expect(await all(other.batches())).toEqual(expected); // and once more, from the same loader
      }),
      { numRuns: 40 },
    );
  });

  it('from any batch on are the end of the whole, and load nothing of what came before', async () => {
    await fc.assert(
      fc.asyncProperty(trials, fc.nat(25), async (drawn, from) => {
        const trial = { ...drawn, holes: [] };
        const loader = await loaderOf(trial);
        const start = from % (loader.length + 1);
        const expected = (await all(loader.batches())).slice(start);
        const log: number[] = [];
        const resumed = await loaderOf(trial, {}, log);
        expect(await all(resumed.batches(start))).toEqual(expected);
        const size = trial.dropLast
          ? expected.length * trial.batchSize
          : Math.max(0, trial.length - start * trial.batchSize);
        expect(log).toHaveLength(size);
      }),
      { numRuns: 40 },
    );
  });

  it('hold every sample once, in the order of the sampler, as many as the length says', async () => {
    await fc.assert(
      fc.asyncProperty(trials, async (drawn) => {
        const trial = { ...drawn, holes: [] };
        const loader = await loaderOf(trial);
        const batches = await all(loader.batches());
        expect(batches).toHaveLength(loader.length);
        const seen = batches.flatMap(({ samples }) => [...(samples as { data: Int32Array }).data]);
        expect(seen).toEqual([...loader.sampler.indices(trial.epoch)].slice(0, seen.length));
        if (!trial.dropLast)
          expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: trial.length }, (_, i) => i));
        for (const { inputs } of batches.slice(0, -1))
          expect((inputs as { shape: readonly number[] }).shape).toEqual([trial.batchSize, 1]);
      }),
      { numRuns: 40 },
    );
  });

  it('of which somebody leaves early do not disturb the next epoch', async () => {
    await fc.assert(
      fc.asyncProperty(trials, fc.nat(3), async (trial, taken) => {
        const [loader, twin] = [await loaderOf(trial), await loaderOf(trial, { epoch: trial.epoch + 1 })];
        let count = 0;
        for await (const batch of loader.batches()) if (count++ >= taken && batch !== undefined) break;
        loader.setEpoch(trial.epoch + 1);
        expect(await all(loader.batches())).toEqual(await all(twin.batches()));
      }),
      { numRuns: 30 },
    );
  });
});

describe('batch indices', () => {
  it('cut any order into pieces of one size, the last smaller or left out', () => {
    const orders = fc.array(fc.nat(99), { maxLength: 40 });
    fc.assert(
      fc.property(
        orders,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.nat(12),
        (order, batchSize, dropLast, startBatch) => {
          const batches = [...batchIndices(order, { batchSize, dropLast, startBatch })];
          const count = batchCount(order.length, { batchSize, dropLast });
          expect(batches).toHaveLength(Math.max(0, count - startBatch));
          const end = dropLast ? count * batchSize : order.length;
          expect(batches.flat()).toEqual(order.slice(Math.min(startBatch * batchSize, end), end));
        },
      ),
    );
  });
});
