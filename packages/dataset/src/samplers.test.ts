import { readFileSync } from 'node:fs';
import type { HostArray } from '@engine/core';
import { type BuildOptions, Registry } from '@engine/registry';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  AspectRatioBatchSampler,
  DataLoader,
  type DataLoaderLike,
  DefaultSampler,
  defineBatchSampler,
  defineDataSampler,
  InfiniteSampler,
  WeightedSampler,
} from './index.js';
import { describeSampler } from './testing/index.js';

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/weighted_sampler.json', import.meta.url), 'utf8'),
) as { cases: { weights: number[]; num_samples: number; seed: number; indices: number[] }[] };

describe('WeightedSampler', () => {
  describeSampler(
    (args) => new WeightedSampler(args, { weights: Array(args.dataset.length).fill(2), replacement: false }),
  );

  it('draws as PyTorch does, with replacement', () => {
    expect(golden.cases.length).toBeGreaterThan(4);
    for (const { weights, num_samples: numSamples, seed, indices } of golden.cases) {
      const sampler = new WeightedSampler({ dataset: { length: weights.length }, seed }, { weights, numSamples });
      expect([...sampler.indices(0)]).toEqual(indices);
      const later = new WeightedSampler(
        { dataset: { length: weights.length }, seed: seed - 3 },
        { weights, numSamples },
      );
      expect([...later.indices(3)]).toEqual(indices);
    }
  });

  it('deals the draws out to the ranks', () => {
    const weights = [1, 0, 3, 2];
    const of = (rank: number, worldSize: number) => [
      ...new WeightedSampler({ dataset: { length: 4 }, seed: 1, rank, worldSize }, { weights, numSamples: 7 }).indices(
        2,
      ),
    ];
    const [all, even, odd] = [of(0, 1), of(0, 2), of(1, 2)];
    expect(even).toEqual([0, 2, 4, 6].map((i) => all[i]));
    expect(odd).toEqual([1, 3, 5].map((i) => all[i]).concat(all[0]));
  });

  it('without replacement gives each sample once at most, heavy ones first, none of weight 0', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 5), { minLength: 1, maxLength: 30 }), fc.nat(50), (given, epoch) => {
        const weights = [...given, 1];
        const numSamples = weights.filter((weight) => weight > 0).length;
        const sampler = new WeightedSampler(
          { dataset: { length: weights.length } },
          { weights, numSamples, replacement: false },
        );
        const indices = [...sampler.indices(epoch)];
        expect(new Set(indices).size).toBe(numSamples);
        expect(indices.every((i) => (weights[i] as number) > 0)).toBe(true);
      }),
    );
    const firsts = Array.from(
      { length: 4000 },
      (_, epoch) =>
        new WeightedSampler({ dataset: { length: 2 } }, { weights: [1, 3], numSamples: 1, replacement: false }).indices(
          epoch,
        )[0],
    );
    expect(firsts.filter((first) => first === 1).length / 4000).toBeCloseTo(0.75, 1);
  });

  it.each([
    ['no weights', { weights: [] }],
    ['weights of 0', { weights: [0, 0] }],
    ['a negative weight', { weights: [1, -1] }],
    ['a weight that is no number', { weights: [1, Number.NaN] }],
    ['more draws than samples', { weights: [1, 0], numSamples: 2, replacement: false }],
  ])('refuses %s', (_, options) => {
    expect(() => new WeightedSampler({ dataset: { length: 2 } }, options)).toThrowError('ENGINE_DATASET_BAD_OPTION');
  });

  it('refuses weights of another dataset', () => {
    const sampler = new WeightedSampler({ dataset: { length: 3 } }, { weights: [1, 2] });
    expect(() => sampler.indices(0)).toThrowError('ENGINE_DATASET_BAD_OPTION');
  });
});

/** Image i is tall where its bit in `tall` is set. */
const images = (tall: readonly boolean[]) => ({
  metainfo: {},
  length: tall.length,
  init: async () => {},
  get: (index: number) => ({ inputs: index }),
  getDataInfo: (index: number): Record<string, unknown> => ({ width: 4, height: tall[index] === true ? 5 : 4 }),
});

describe('AspectRatioBatchSampler', () => {
  const make = (tall: boolean[], batchSize: number, dropLast = false, worldSize = 1) => {
    const dataset = images(tall);
    const sampler = new DefaultSampler({ dataset, seed: 3, worldSize }, { shuffle: true });
    return { sampler, batches: new AspectRatioBatchSampler({ dataset, sampler, batchSize, dropLast }) };
  };

  it('batches what is alike, mixes only what is left, and loses nothing', () => {
    fc.assert(
      fc.property(
        fc.record({
          tall: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
          batchSize: fc.integer({ min: 1, max: 8 }),
          dropLast: fc.boolean(),
          worldSize: fc.integer({ min: 1, max: 3 }),
          epoch: fc.nat(5),
        }),
        ({ tall, batchSize, dropLast, worldSize, epoch }) => {
          const { sampler, batches: made } = make(tall, batchSize, dropLast, worldSize);
          const batches = [...made.batches(epoch)];
          expect(batches).toHaveLength(made.length);
          const seen = batches.flat();
          const order = [...sampler.indices(epoch)];
          expect(seen.length).toBe(dropLast ? batches.length * batchSize : order.length);
          if (!dropLast) expect(Int32Array.from(seen).sort()).toEqual(Int32Array.from(order).sort());
          expect(batches.slice(0, -1).every((batch) => batch.length === batchSize)).toBe(true);
          const mixed = batches.filter((batch) => new Set(batch.map((i) => tall[i])).size > 1);
          expect(mixed.length).toBeLessThanOrEqual(1);
          if (worldSize > 1) return; // some samples come twice
          for (const kind of [true, false]) {
            const unmixed = mixed.length === 0 ? batches : batches.slice(0, batches.indexOf(mixed[0] as number[]));
            const whole = unmixed.filter((batch) => batch.every((i) => tall[i] === kind));
            const alike = order.filter((i) => tall[i] === kind);
            expect(whole.flat()).toEqual(alike.slice(0, whole.flat().length));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does so by hand', () => {
    const dataset = images([true, false, true, true, false, true, true]);
    const sampler = new DefaultSampler({ dataset }, { shuffle: false });
    const batches = new AspectRatioBatchSampler({ dataset, sampler, batchSize: 2, dropLast: false });
    expect([...batches.batches(0)]).toEqual([[0, 2], [1, 4], [3, 5], [6]]);
    const other = { ...dataset, getDataInfo: (i: number) => ({ w: 1, h: i }) };
    const named = new AspectRatioBatchSampler(
      { dataset: other, sampler, batchSize: 3, dropLast: true },
      { widthKey: 'w', heightKey: 'h' },
    );
    expect([...named.batches(0)]).toEqual([
      [2, 3, 4],
      [5, 6, 0],
    ]);
  });

  it('goes on for ever with an endless sampler', () => {
    const dataset = images([true, false, true]);
    const batches = new AspectRatioBatchSampler({
      dataset,
      sampler: new InfiniteSampler({ dataset }),
      batchSize: 2,
      dropLast: false,
    });
    expect(batches.isEndless).toBe(true);
    let count = 0;
    for (const batch of batches.batches(0)) {
      expect(batch).toHaveLength(2);
      count += 1;
      if (count === 50) break;
    }
  });

  it('needs records with width and height', () => {
    const { getDataInfo: _, ...bare } = images([true]);
    const sampler = new DefaultSampler({ dataset: bare });
    expect(() => new AspectRatioBatchSampler({ dataset: bare, sampler, batchSize: 1, dropLast: false })).toThrowError(
      'ENGINE_DATASET_NOT_IMPLEMENTED',
    );
    const dataset = { ...bare, getDataInfo: () => ({ width: 3 }) };
    const batches = new AspectRatioBatchSampler({ dataset, sampler, batchSize: 1, dropLast: false });
    expect(() => [...batches.batches(0)]).toThrowError('ENGINE_DATASET_MISSING_KEY');
  });
});

describe('samplers of a loader', () => {
  const open: DataLoaderLike[] = [];
  afterEach(async () => {
    for (const loader of open.splice(0)) await loader.close();
  });
  async function ready(config: object): Promise<DataLoaderLike> {
    const options = { args: { seed: 2 }, path: 'trainDataloader' } as BuildOptions<'dataLoader'>;
    const loader = new Registry().build('dataLoader', { type: DataLoader, ...config }, options);
    open.push(loader);
    await loader.init();
    return loader;
  }
  async function indicesOf(loader: DataLoaderLike, startBatch?: number): Promise<number[][]> {
    const all = [];
    for await (const { inputs } of loader.batches(startBatch))
      all.push([...((inputs as HostArray).data as Int32Array)]);
    return all;
  }

  const Backwards = defineDataSampler({
    name: 'Backwards',
    options: z.strictObject({ step: z.int() }),
    create: ({ step }, { args }) => ({
      length: Math.ceil(args.dataset.length / step),
      *indices() {
        for (let i = args.dataset.length - 1; i >= 0; i -= step) yield i;
      },
    }),
  });
  const Pairs = defineBatchSampler({
    name: 'Pairs',
    options: z.strictObject({}),
    create: (_, { args }) => ({
      length: args.sampler.length,
      *batches(epoch: number) {
        for (const index of args.sampler.indices(epoch)) yield [index, index];
      },
    }),
  });

  it("may be one's own, with state that is epoch and position", async () => {
    const dataset = images([true, true, true, true, true]);
    const loader = await ready({
      dataset,
      batchSize: 9,
      sampler: { type: Backwards, step: 2 },
      batchSampler: { type: Pairs },
    });
    expect(loader.length).toBe(3);
    const all = [
      [4, 4],
      [2, 2],
      [0, 0],
    ];
    for (const start of [0, 1, 2, 3]) expect(await indicesOf(loader, start)).toEqual(all.slice(start));
    await expect(indicesOf(loader, 4)).rejects.toMatchObject({ code: 'ENGINE_DATASET_BAD_POSITION' });
  });

  it('starts anywhere in an epoch of batches by orientation', async () => {
    const tall = Array.from({ length: 23 }, (_, i) => i % 3 === 0);
    const loader = await ready({
      dataset: images(tall),
      batchSize: 4,
      shuffle: true,
      batchSampler: { type: AspectRatioBatchSampler },
    });
    for (const epoch of [0, 2]) {
      loader.setEpoch(epoch);
      const all = await indicesOf(loader);
      for (let start = 0; start <= all.length; start++)
        expect(await indicesOf(loader, start)).toEqual(all.slice(start));
    }
  });
});
