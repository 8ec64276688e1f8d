// Fine-tuning with an optimizer and a constructor of one's own.
import { defineConfig } from '@engine/standard';
import { BodyAndHead } from './body-and-head.ts';
import { SignSGD } from './sign-sgd.ts';

export default defineConfig({
  backend: { type: 'wasm' },
  workDir: 'runs/optimizers',
  model: { type: 'LeNet5', numClasses: 10 },
  dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [33.3184], std: [78.5675] },
  trainDataloader: { dataset: { type: 'MNIST', train: true }, batchSize: 64, shuffle: true },
  trainCfg: { byEpoch: true, maxEpochs: 1 },
  optimWrapper: {
    optimizer: { type: SignSGD, lr: 1e-3 },
    constructor: BodyAndHead,
    paramwiseCfg: { head: 'classifier.', bodyLr: 2e-4 },
  },
  valDataloader: { dataset: { type: 'MNIST', train: false }, batchSize: 64 },
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
});
