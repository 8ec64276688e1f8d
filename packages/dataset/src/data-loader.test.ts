import { readFileSync } from 'node:fs';
import { type HostArray, hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Compose } from './compose.js';
import type { Dataset, HostBatchLike, SampleContext, Transform } from './contract.js';
import { DataLoader } from './data-loader.js';
import type { DataLoaderInit } from './data-loader-init.js';
import { DefaultSampler } from './default-sampler.js';
import { sampleRandom } from './sample-random.js';
import { describeDataset } from './testing/index.js';

/** Sample i is the number i, with a draw that belongs to it; counts what is asked of it. */
class Numbers implements Dataset {
  readonly metainfo = { classes: ['even', 'odd'] };
  readonly asked: number[] = [];
  inits = 0;
  constructor(
    readonly length: number,
    readonly how: { asynchronous?: boolean; nullAt?: (index: number) => boolean; testMode?: boolean } = {},
  ) {}
  get testMode(): boolean {
    return this.how.testMode ?? false;
  }
  async init(): Promise<void> {
    this.inits += 1;
  }
  get(index: number, ctx: SampleContext) {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) throw new RangeError(`no sample ${index}`);
    this.asked.push(index);
    const sample =
      this.how.nullAt?.(index) === true ? null : { inputs: index, samples: sampleRandom(ctx).nextInt(1000) };
    return this.how.asynchronous === true ? Promise.resolve(sample) : sample;
  }
}

describeDataset(() => new Numbers(7));

async function ready(init: DataLoaderInit): Promise<DataLoader> {
  const loader = new DataLoader(init);
  await loader.init();
  return loader;
}

async function collect(loader: DataLoader, startBatch?: number): Promise<HostBatchLike[]> {
  const batches = [];
  for await (const batch of loader.batches(startBatch)) batches.push(batch);
  return batches;
}

const inputsOf = (batches: readonly HostBatchLike[]): number[][] =>
  batches.map((batch) => [...((batch.inputs as HostArray).data as Int32Array)]);

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing thrown',
    (error: unknown) => error,
  );

describe('DataLoader', () => {
  it('yields batches in order, the last one smaller unless dropped', async () => {
    const whole = await ready({ dataset: new Numbers(7), batchSize: 3 });
    expect(whole.length).toBe(3);
    expect(inputsOf(await collect(whole))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    const dropping = await ready({ dataset: new Numbers(7), batchSize: 3, dropLast: true });
    expect(dropping.length).toBe(2);
    expect(inputsOf(await collect(dropping))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it('groups indices as PyTorch does', async () => {
    const { batch_sampler: golden } = JSON.parse(
      readFileSync(new URL('../../../tooling/golden/numerics/samplers.json', import.meta.url), 'utf8'),
    ) as {
      batch_sampler: {
        id: string;
        n: number;
        batch_size: number;
        drop_last: boolean;
        seed: number;
        batches: number[][];
        length: number;
      }[];
    };
    expect(golden.length).toBeGreaterThan(5);
    for (const { id, n, batch_size: batchSize, drop_last: dropLast, seed, batches, length } of golden) {
      const loader = await ready({ dataset: new Numbers(n), batchSize, dropLast, seed, shuffle: true });
      expect(loader.length, id).toBe(length);
      expect(inputsOf(await collect(loader)), id).toEqual(batches);
    }
  });

  it('starts anywhere in the epoch without loading what came before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          n: fc.integer({ min: 1, max: 40 }),
          batchSize: fc.integer({ min: 1, max: 9 }),
          dropLast: fc.boolean(),
          prefetch: fc.nat(4),
          epoch: fc.nat(3),
          asynchronous: fc.boolean(),
          start: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        async ({ n, batchSize, dropLast, prefetch, epoch, asynchronous, start }) => {
          const straight = await ready({ dataset: new Numbers(n), batchSize, dropLast, shuffle: true, seed: 4 });
          straight.setEpoch(epoch);
          const all = await collect(straight);
          expect(all).toHaveLength(straight.length);
          const startBatch = Math.round(start * straight.length);
          const dataset = new Numbers(n, { asynchronous });
          const resumed = await ready({ dataset, batchSize, dropLast, prefetch, shuffle: true, seed: 4 });
          resumed.setEpoch(epoch);
          expect(await collect(resumed, startBatch)).toEqual(all.slice(startBatch));
          expect(dataset.asked).toEqual(inputsOf(all.slice(startBatch)).flat());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives other orders and other draws in other epochs, the same ones again in the same', async () => {
    const loader = await ready({ dataset: new Numbers(20), batchSize: 5, shuffle: true, seed: 1 });
    const first = await collect(loader);
    loader.setEpoch(1);
    expect(loader.epoch).toBe(1);
    expect(await collect(loader)).not.toEqual(first);
    loader.setEpoch(0);
    expect(await collect(loader)).toEqual(first);
  });

  it('keeps to the epoch in which an iteration began', async () => {
    const loader = await ready({ dataset: new Numbers(6), batchSize: 2, shuffle: true, prefetch: 0 });
    const straight = await collect(loader);
    const seen = [];
    for await (const batch of loader.batches()) {
      seen.push(batch);
      loader.setEpoch(9);
    }
    expect(seen).toEqual(straight);
  });

  it('makes no more batches ahead than `prefetch`', async () => {
    for (const prefetch of [0, 1, 3]) {
      const dataset = new Numbers(20);
      const loader = await ready({ dataset, batchSize: 2, prefetch });
      const iterator = loader.batches();
      await iterator.next();
      expect(dataset.asked).toHaveLength(2 * (prefetch + 1));
      await iterator.next();
      expect(dataset.asked).toHaveLength(2 * (prefetch + 2));
      await iterator.return(undefined);
    }
  });

  it('may be left early and used again', async () => {
    const loader = await ready({ dataset: new Numbers(20), batchSize: 2 });
    for await (const _ of loader.batches()) break;
    expect(await collect(loader)).toHaveLength(10);
  });

  it('ends iterations under way when closed', async () => {
    const loader = await ready({ dataset: new Numbers(20), batchSize: 2 });
    let count = 0;
    for await (const _ of loader.batches()) {
      count += 1;
      await loader.close();
    }
    expect(count).toBe(1);
    expect(await collect(loader)).toHaveLength(10);
  });

  it('uses the sampler and the collate function it is given', async () => {
    const dataset = new Numbers(6);
    const sampler = new DefaultSampler({ dataset, rank: 1, worldSize: 2 }, { shuffle: false });
    const loader = await ready({
      dataset,
      batchSize: 2,
      sampler,
      collateFn: (samples) => ({ inputs: hostArray('int32', [1], Int32Array.of(samples.length)) }),
    });
    expect(loader.length).toBe(2);
    expect(inputsOf(await collect(loader))).toEqual([[2], [1]]);
  });
});

describe('DataLoader.init', () => {
  it('prepares the dataset once', async () => {
    const dataset = new Numbers(3);
    const loader = new DataLoader({ dataset, batchSize: 1 });
    await Promise.all([loader.init(), loader.init()]);
    await loader.init();
    expect(dataset.inits).toBe(1);
  });

  it('lets another attempt succeed after one that failed', async () => {
    let fails = true;
    const dataset: Dataset = {
      metainfo: {},
      length: 1,
      init: () => (fails ? Promise.reject(new Error('disk')) : Promise.resolve()),
      get: () => ({ inputs: 1 }),
    };
    const loader = new DataLoader({ dataset, batchSize: 1 });
    await expect(loader.init()).rejects.toThrow('disk');
    fails = false;
    await loader.init();
    expect(loader.length).toBe(1);
  });

  it('refuses to drop the only batch with ENGINE_DATASET_NO_BATCH', async () => {
    const init = { dataset: new Numbers(3), batchSize: 4 };
    await expect(ready({ ...init, dropLast: true, requireBatch: true })).rejects.toMatchObject({
      code: 'ENGINE_DATASET_NO_BATCH',
      received: '3 samples on this rank, batchSize = 4, dropLast = true',
    });
    expect((await ready({ ...init, requireBatch: true })).length).toBe(1);
    expect((await ready({ ...init, dropLast: true })).length).toBe(0); // as PyTorch, where a loader is made by hand
  });

  it('refuses an empty dataset with ENGINE_DATASET_EMPTY', async () => {
    await expect(ready({ dataset: new Numbers(0), batchSize: 1 })).rejects.toMatchObject({
      code: 'ENGINE_DATASET_EMPTY',
      subject: 'Numbers',
    });
  });

  it('must come first: ENGINE_DATASET_NOT_READY', async () => {
    const loader = new DataLoader({ dataset: new Numbers(3), batchSize: 1 });
    expect(() => loader.length).toThrow(/ENGINE_DATASET_NOT_READY/);
    await expect(collect(loader)).rejects.toMatchObject({ code: 'ENGINE_DATASET_NOT_READY' });
  });
});

describe('DataLoader errors', () => {
  const failingAt = (bad: number, asynchronous: boolean): Dataset => {
    const explode: Transform = {
      transform: (sample) => {
        if (sample.inputs !== bad) return sample;
        if (asynchronous) return Promise.reject(new TypeError('bad pixel'));
        throw new TypeError('bad pixel');
      },
    };
    const pipeline = new Compose([{ transform: (sample) => sample }, explode]);
    return {
      metainfo: {},
      length: 10,
      init: async () => {},
      get: (index, ctx) => pipeline.transform({ inputs: index }, ctx) as never,
    };
  };

  it.each([false, true])(
    'names dataset, index and transform, keeps the cause, and comes at its batch (asynchronous: %s)',
    async (asynchronous) => {
      const dataset = Object.defineProperty(failingAt(5, asynchronous), 'name', { value: 'Broken' });
      const loader = await ready({ dataset, batchSize: 2, prefetch: 4 });
      const seen: HostBatchLike[] = [];
      const error = await failure(
        (async () => {
          for await (const batch of loader.batches()) seen.push(batch);
        })(),
      );
      expect(inputsOf(seen)).toEqual([
        [0, 1],
        [2, 3],
      ]);
      expect(error).toMatchObject({
        code: 'ENGINE_DATASET_SAMPLE_FAILED',
        subject: 'Broken[5]',
        received: 'pipeline[1] (unnamed): TypeError: bad pixel',
      });
      const transformFailed = (error as Error).cause as Error;
      expect(transformFailed).toMatchObject({ code: 'ENGINE_DATASET_TRANSFORM_FAILED' });
      expect(transformFailed.cause).toBeInstanceOf(TypeError);
    },
  );

  it('names dataset and index when the dataset itself throws', async () => {
    class Torn extends Numbers {
      override get(index: number, ctx: SampleContext) {
        if (index === 3) throw new Error('torn file');
        return super.get(index, ctx);
      }
    }
    const error = await failure(collect(await ready({ dataset: new Torn(5, { asynchronous: true }), batchSize: 5 })));
    expect(error).toMatchObject({
      code: 'ENGINE_DATASET_SAMPLE_FAILED',
      subject: 'Torn[3]',
      received: 'Error: torn file',
    });
  });

  it('leaves errors in batches nobody takes unreported', async () => {
    const loader = await ready({ dataset: failingAt(3, true), batchSize: 2, prefetch: 3 });
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    for await (const _ of loader.batches()) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  it('reports collate errors: those with a code as they are, others as ENGINE_DATASET_COLLATE_FAILED', async () => {
    const dataset = new Numbers(4);
    const throwing = await ready({
      dataset,
      batchSize: 2,
      collateFn: () => {
        throw new TypeError('no room');
      },
    });
    const error = await failure(collect(throwing));
    expect(error).toMatchObject({
      code: 'ENGINE_DATASET_COLLATE_FAILED',
      received: 'TypeError: no room, for indices 0, 1',
    });
    expect((error as Error).cause).toBeInstanceOf(TypeError);
    const mixed: Dataset = {
      metainfo: {},
      length: 2,
      init: async () => {},
      get: (index) => ({ inputs: index === 0 ? 1 : 'one' }),
    };
    expect(await failure(collect(await ready({ dataset: mixed, batchSize: 2 })))).toMatchObject({
      code: 'ENGINE_DATASET_COLLATE_MISMATCH',
    });
  });

  it('draws other samples for those that are null, the same ones every time', async () => {
    for (const asynchronous of [false, true]) {
      const make = () =>
        ready({ dataset: new Numbers(30, { asynchronous, nullAt: (index) => index % 3 === 0 }), batchSize: 10 });
      const batches = inputsOf(await collect(await make()));
      expect(batches.flat()).toHaveLength(30);
      expect(batches.flat().every((index) => index % 3 !== 0)).toBe(true);
      expect(inputsOf(await collect(await make()))).toEqual(batches);
    }
  });

  it('gives up with ENGINE_DATASET_NO_SAMPLE: at once in test mode, else after maxRefetch tries', async () => {
    const testing = new Numbers(5, { testMode: true, nullAt: (index) => index === 1 });
    expect(await failure(collect(await ready({ dataset: testing, batchSize: 5 })))).toMatchObject({
      code: 'ENGINE_DATASET_NO_SAMPLE',
      subject: 'Numbers[1]',
    });
    expect(testing.asked).toEqual([0, 1, 2, 3, 4]);
    const training = new Numbers(5, { nullAt: () => true });
    const error = await failure(collect(await ready({ dataset: training, batchSize: 1, maxRefetch: 7, prefetch: 0 })));
    expect(error).toMatchObject({ code: 'ENGINE_DATASET_NO_SAMPLE' });
    expect((error as Error).message).toContain('maxRefetch = 7');
    expect(training.asked).toHaveLength(8);
  });

  it.each([-1, 4, 0.5, Number.NaN])(
    'refuses to start at batch %s of 3 with ENGINE_DATASET_BAD_POSITION',
    async (startBatch) => {
      const loader = await ready({ dataset: new Numbers(7), batchSize: 3 });
      expect(await failure(collect(loader, startBatch))).toMatchObject({ code: 'ENGINE_DATASET_BAD_POSITION' });
    },
  );

  it.each<[string, Partial<DataLoaderInit>, string]>([
    ['batchSize 0', { batchSize: 0 }, 'ENGINE_DATASET_BAD_OPTION'],
    ['batchSize 1.5', { batchSize: 1.5 }, 'ENGINE_DATASET_BAD_OPTION'],
    ['prefetch -1', { prefetch: -1 }, 'ENGINE_DATASET_BAD_OPTION'],
    ['maxRefetch NaN', { maxRefetch: Number.NaN }, 'ENGINE_DATASET_BAD_OPTION'],
    ['numWorkers 2 with an object', { numWorkers: 2 }, 'ENGINE_DATASET_NOT_TRANSFERABLE'],
    ['timeout -1', { timeout: -1 }, 'ENGINE_DATASET_BAD_OPTION'],
    ['prefetchFactor 0', { prefetchFactor: 0 }, 'ENGINE_DATASET_BAD_OPTION'],
    [
      'sampler and shuffle',
      { shuffle: true, sampler: new DefaultSampler({ dataset: { length: 3 } }) },
      'ENGINE_DATASET_OPTION_CONFLICT',
    ],
  ])('refuses %s', (_, init, code) => {
    expect(() => new DataLoader({ dataset: new Numbers(3), batchSize: 1, ...init })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('refuses an epoch that is not a count', async () => {
    const loader = await ready({ dataset: new Numbers(3), batchSize: 1 });
    for (const epoch of [-1, 0.5]) expect(() => loader.setEpoch(epoch)).toThrow(/ENGINE_DATASET_BAD_OPTION/);
  });
});
