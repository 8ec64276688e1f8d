// A warm-up, a schedule of one's own, and averaged weights.
import { defineConfig } from '@engine/standard';
import { RexLR } from './rex.ts';

export default defineConfig({
  backend: { type: 'wasm' },
  workDir: 'runs/schedules',
  model: { type: 'LeNet5', numClasses: 10 },
  dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [33.3184], std: [78.5675] },
  trainDataloader: { dataset: { type: 'MNIST', train: true }, batchSize: 64, shuffle: true },
  trainCfg: { byEpoch: true, maxEpochs: 3 },
  optimWrapper: { optimizer: { type: 'SGD', lr: 0.05, momentum: 0.9 } },
  paramScheduler: [
    { type: 'LinearLR', startFactor: 0.1, byEpoch: false, end: 200 },
    { type: RexLR, convertToIterBased: true },
  ],
  customHooks: [{ type: 'EMAHook', momentum: 0.002, updateBuffers: true }],
  valDataloader: { dataset: { type: 'MNIST', train: false }, batchSize: 64 },
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
});
