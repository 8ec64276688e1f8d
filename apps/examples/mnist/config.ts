// LeNet-5 on the full MNIST: `npm start`, or `npx engine train apps/examples/mnist/config.ts`.
import { defineConfig } from '@engine/standard';

const batchSize = 64;

export default defineConfig({
  backend: { type: 'wasm' },
  workDir: 'runs/mnist',
  model: { type: 'LeNet5', numClasses: 10 },
  dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [33.3184], std: [78.5675] }, // of the training pixels, 0 to 255

  trainDataloader: { dataset: { type: 'MNIST', train: true }, batchSize, shuffle: true },
  trainCfg: { byEpoch: true, maxEpochs: 3, valInterval: 1 },
  optimWrapper: { optimizer: { type: 'SGD', lr: 0.05, momentum: 0.9, weightDecay: 5e-4 } },
  paramScheduler: [
    { type: 'LinearLR', startFactor: 0.1, byEpoch: false, begin: 0, end: 200 },
    { type: 'CosineAnnealingLR', byEpoch: true, begin: 0, end: 3, tMax: 3, convertToIterBased: true },
  ],

  valDataloader: { dataset: { type: 'MNIST', train: false }, batchSize },
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
  testDataloader: { dataset: { type: 'MNIST', train: false }, batchSize },
  testCfg: {},
  testEvaluator: { type: 'Accuracy' },

  randomness: { seed: 0 },
  defaultHooks: {
    logger: { type: 'LoggerHook', interval: 100 },
    checkpoint: { type: 'CheckpointHook', interval: 1, saveBest: 'auto' },
  },
});
