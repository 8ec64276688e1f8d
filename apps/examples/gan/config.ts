// config.ts
import { defineConfig } from '@engine/standard';
import { Gap, NumberGan, Numbers } from './model.ts';

export default defineConfig({
  backend: { type: 'wasm' },
  workDir: 'runs/gan',
  model: { type: NumberGan },
  trainDataloader: { dataset: { type: Numbers }, batchSize: 64, shuffle: true },
  trainCfg: { byEpoch: true, maxEpochs: 40, valInterval: 10 },
  optimWrapper: {
    type: 'OptimWrapperDict',
    wrappers: {
      generator: { optimizer: { type: 'Adam', lr: 5e-3, betas: [0.5, 0.999] } },
      discriminator: { optimizer: { type: 'Adam', lr: 1e-2, betas: [0.5, 0.999] }, clipGrad: { maxNorm: 5 } },
    },
  },
  paramScheduler: {
    generator: [
      { type: 'LinearLR', startFactor: 0.1, byEpoch: false, end: 40 },
      { type: 'CosineAnnealingLR', convertToIterBased: true },
    ],
    discriminator: { type: 'CosineAnnealingLR', convertToIterBased: true },
  },
  randomness: { seed: 0 },
  valDataloader: { dataset: { type: Numbers, seed: 1 }, batchSize: 64 },
  valCfg: {},
  valEvaluator: { type: Gap },
});
