import { DataLoader } from '@engine/dataset';
import { Evaluator } from '@engine/evaluator';
import type { SettingsTable } from '@engine/registry/testing';
import type { LoopArgs, LoopRun } from '../loop.js';
import { BoringDataset, BoringMetric } from './boring.js';

/** A loop only keeps its run until `run()` is called; settings are for building. */
const args = (): LoopArgs => ({
  run: {} as LoopRun,
  dataloader: new DataLoader({ dataset: new BoringDataset(6), batchSize: 3 }),
  evaluator: new Evaluator(new BoringMetric()),
});

/** Options that make sense for every loop of this package. */
export const canonicalSettings = {
  'loop/EpochBasedTrainLoop': {
    options: { maxEpochs: 3, valBegin: 1, valInterval: 2, dynamicIntervals: [[3, 1]] },
    args,
  },
  'loop/IterBasedTrainLoop': {
    options: { maxIters: 12, valBegin: 2, valInterval: 5, dynamicIntervals: [[9, 2]] },
    args,
  },
  'loop/ValLoop': { options: {}, args },
  'loop/TestLoop': { options: {}, args },
} satisfies SettingsTable;
