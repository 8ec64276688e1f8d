// config.ts
import { defineConfig } from '@engine/standard';
import { Circles } from './dataset.ts';
import { CircleNet } from './model.ts';

export default defineConfig({
  backend: { type: 'wasm' },
  model: { type: CircleNet },
  trainDataloader: { dataset: { type: Circles }, batchSize: 32, shuffle: true },
  trainCfg: { byEpoch: true, maxEpochs: 20 },
  optimWrapper: { optimizer: { type: 'AdamW', lr: 1e-2 } },
  valDataloader: { dataset: { type: Circles, size: 500, seed: 1 }, batchSize: 100 },
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
});
