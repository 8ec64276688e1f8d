// A folder of photographs, a folder a class: `npx engine train apps/examples/images/config.ts` (needs `npm i sharp`).
import { defineConfig, wasm } from '@engine/standard';

/** The same for training and validation: one channel, as LeNet takes it. */
const load = { type: 'LoadImageFromFile', colorType: 'grayscale' } as const;

export default defineConfig({
  workDir: 'runs/photos',
  backend: wasm(),
  model: { type: 'LeNet5', numClasses: 2, dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [127], std: [64] } },
  trainDataloader: {
    dataset: {
      type: 'ImageFolder',
      root: 'photos/train',
      pipeline: [
        load,
        { type: 'RandomResizedCrop', size: 28, scale: [0.5, 1] },
        { type: 'RandomFlip', prob: 0.5 },
        { type: 'ColorJitter', brightness: 0.2, contrast: 0.2 },
        { type: 'PackInputs' },
      ],
    },
    batchSize: 16,
    shuffle: true,
    numWorkers: 2,
  },
  trainCfg: { byEpoch: true, maxEpochs: 4 },
  optimWrapper: { optimizer: { type: 'SGD', lr: 0.02, momentum: 0.9 } },
  valDataloader: {
    dataset: {
      type: 'ImageFolder',
      root: 'photos/val',
      testMode: true,
      pipeline: [load, { type: 'Resize', size: 32 }, { type: 'CenterCrop', size: 28 }, { type: 'PackInputs' }],
    },
    batchSize: 16,
  },
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
});
