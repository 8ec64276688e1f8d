import type { Communicator, HostArray } from '@engine/core';
import { singleProcess } from '@engine/core';
import { Registry } from '@engine/registry';
import { describeEntries } from '@engine/registry/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Compose } from './compose.js';
import {
  AspectRatioBatchSampler,
  baseDatasetEntry,
  ClassBalancedDataset,
  ConcatDataset,
  DataLoader,
  DefaultSampler,
  defaultCollateEntry,
  defineDataset,
  defineTransform,
  InfiniteSampler,
  pseudoCollate,
  pseudoCollateEntry,
  RepeatDataset,
  seedWorker,
  TestTimeAug,
  WeightedSampler,
} from './index.js';
import { canonicalSettings } from './testing/index.js';

describeEntries(
  [
    DataLoader,
    DefaultSampler,
    InfiniteSampler,
    defaultCollateEntry,
    pseudoCollateEntry,
    baseDatasetEntry,
    ConcatDataset,
    RepeatDataset,
    ClassBalancedDataset,
    seedWorker,
    WeightedSampler,
    AspectRatioBatchSampler,
    TestTimeAug,
  ],
  canonicalSettings,
);

const Squares = defineDataset({
  name: 'Squares',
  options: z.strictObject({ size: z.int() }),
  create: ({ size }) => ({
    metainfo: {},
    init: async () => {},
    length: size,
    get: (index) => ({ inputs: index * index }),
  }),
});

const registry = new Registry();
registry.registerExports({ DataLoader, DefaultSampler, defaultCollateEntry, pseudoCollateEntry, Squares });

async function valuesOf(config: object, communicator: Communicator = singleProcess): Promise<unknown[]> {
  const loader = registry.build(
    'dataLoader',
    { type: 'DataLoader', ...config },
    { args: { seed: 0 }, path: 'trainDataloader', communicator },
  );
  await loader.init();
  const all = [];
  for await (const { inputs } of loader.batches())
    all.push(Array.isArray(inputs) ? inputs : [...((inputs as HostArray).data as Int32Array)]);
  return all;
}

describe('a data loader from a config', () => {
  const dataset = { type: 'Squares', size: 5 };

  it('builds dataset, sampler and collate function by name', async () => {
    const config = {
      dataset,
      batchSize: 2,
      sampler: { type: 'DefaultSampler', shuffle: false },
      collateFn: { type: 'pseudoCollate' },
    };
    expect(await valuesOf(config)).toEqual([[0, 1], [4, 9], [16]]);
  });

  it('takes built parts, and keys as MMEngine spells them', async () => {
    const built = registry.build('dataset', dataset);
    expect(
      await valuesOf({ dataset: built, batch_size: 2, drop_last: true, num_workers: 0, collate_fn: pseudoCollate }),
    ).toEqual([
      [0, 1],
      [4, 9],
    ]);
  });

  it('shuffles with the seed of the run', async () => {
    const [order] = await valuesOf({ dataset, batchSize: 5, shuffle: true });
    const expected = [...new DefaultSampler({ dataset: { length: 5 }, seed: 0 }).indices(0)].map(
      (index) => index * index,
    );
    expect(order).toEqual(expected);
  });

  it('gives each rank its share', async () => {
    expect(await valuesOf({ dataset, batchSize: 5 }, { ...singleProcess, rank: 1, size: 2 })).toEqual([[1, 9, 0]]);
  });

  it('refuses workers, and sampler with shuffle, as the constructor does', async () => {
    await expect(valuesOf({ dataset, batchSize: 5, numWorkers: 2 })).rejects.toMatchObject({
      code: 'ENGINE_DATASET_NOT_TRANSFERABLE', // Squares does not say which module exports it
    });
    const both = { dataset, batchSize: 5, shuffle: true, sampler: { type: 'DefaultSampler' } };
    await expect(valuesOf(both)).rejects.toMatchObject({ code: 'ENGINE_DATASET_OPTION_CONFLICT' });
  });

  it('names the path of what is wrong inside', async () => {
    await expect(valuesOf({ dataset: { type: 'Squares', sise: 5 }, batchSize: 5 })).rejects.toMatchObject({
      subject: 'trainDataloader.dataset.sise',
    });
    await expect(valuesOf({ batchSize: 5 })).rejects.toMatchObject({
      code: expect.stringMatching(/^ENGINE_REGISTRY_/),
    });
  });
});

describe('defineDataset and defineTransform', () => {
  it('name plain objects after their entry, so that errors can', () => {
    const Fails = defineTransform({
      name: 'Fails',
      options: z.strictObject({}),
      create: () => ({
        transform: () => {
          throw new Error('no');
        },
      }),
    });
    const pipeline = new Compose([registry.build('transform', { type: Fails })]);
    expect(() => pipeline.transform({}, { seed: 0, epoch: 0, index: 0 })).toThrow(
      expect.objectContaining({ subject: 'pipeline[0] Fails' }),
    );
    expect(Object.keys(registry.build('dataset', { type: 'Squares', size: 1 }))).not.toContain('name');
  });
});
