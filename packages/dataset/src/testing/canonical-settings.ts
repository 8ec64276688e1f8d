import type { SettingsTable } from '@engine/registry/testing';
import * as z from 'zod/mini';
import type { Dataset } from '../contract.js';
import { DefaultSampler } from '../default-sampler.js';
import { defineDataset, defineTransform } from '../define.js';
import { seedWorker } from '../worker-seed.js';

const bare: Dataset = {
  metainfo: {},
  init: async () => {},
  length: 9,
  get: (index) => ({ inputs: 8 - index, samples: index }),
};
const countdown = defineDataset({ name: 'Countdown', options: z.strictObject({}), create: () => ({ ...bare }) });

const same = defineTransform({
  name: 'Same',
  options: z.strictObject({}),
  create: () => ({ transform: (sample) => sample }),
});

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'dataset/BaseDataset': {
    options: {
      annFile: 'annotations.json',
      metainfo: { classes: ['cat', 'dog'] },
      dataRoot: 'data',
      dataPrefix: { img_path: 'images' },
      indices: 10,
      testMode: true,
      lazyInit: true,
      maxRefetch: 10,
    },
  },
  'dataset/ConcatDataset': {
    options: { datasets: [{ type: countdown }, { type: countdown }], lazyInit: true, ignoreKeys: ['version'] },
  },
  'dataset/RepeatDataset': { options: { dataset: { type: countdown }, times: 3, lazyInit: true } },
  'dataset/ClassBalancedDataset': {
    options: { dataset: { type: countdown }, oversampleThr: 0.1, lazyInit: true },
  },
  'dataSampler/DefaultSampler': {
    options: { shuffle: true, seed: 1, roundUp: true },
    args: () => ({ dataset: { length: 9 }, seed: 0, rank: 0, worldSize: 2 }),
  },
  'dataSampler/InfiniteSampler': {
    options: { shuffle: true, seed: 1 },
    args: () => ({ dataset: { length: 9 }, seed: 0, rank: 0, worldSize: 2 }),
  },
  'dataSampler/WeightedSampler': {
    options: { weights: [1, 1, 1, 1, 1, 1, 1, 1, 4], numSamples: 6, replacement: false, seed: 1 },
    args: () => ({ dataset: { length: 9 }, seed: 0, rank: 0, worldSize: 2 }),
  },
  'batchSampler/AspectRatioBatchSampler': {
    options: { widthKey: 'width', heightKey: 'height' },
    args: () => {
      const dataset = { ...bare, getDataInfo: (index: number) => ({ width: index, height: 4 }) };
      return { dataset, sampler: new DefaultSampler({ dataset }), batchSize: 2, dropLast: false };
    },
  },
  'collate/defaultCollate': { options: {} },
  'collate/pseudoCollate': { options: {} },
  'transform/TestTimeAug': { options: { transforms: [[{ type: same }]] } },
  'workerInitFn/seedWorker': { options: { disableSubprocessWarning: true } },
  'dataLoader/DataLoader': {
    options: {
      dataset: { type: countdown },
      batchSize: 4,
      shuffle: true,
      dropLast: true,
      prefetch: 1,
      maxRefetch: 10,
      strict: true,
      numWorkers: 0,
      prefetchFactor: 2,
      persistentWorkers: true,
      timeout: 30,
      workerInitFn: { type: seedWorker },
    },
    args: () => ({ seed: 0 }),
  },
};
