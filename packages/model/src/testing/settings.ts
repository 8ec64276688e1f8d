import type { SettingsTable } from '@engine/registry/testing';
import { CutMix } from '../augment/cut-mix.js';
import { Mixup } from '../augment/mixup.js';

const args = () => ({ model: { namedParameters: () => new Map() } });

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'averagedModel/ExponentialMovingAverage': { options: { momentum: 0.001, updateBuffers: true }, args },
  'averagedModel/MomentumAnnealingEMA': { options: { momentum: 0.001, gamma: 50, interval: 2 }, args },
  'averagedModel/StochasticWeightAverage': { options: { interval: 5 }, args },
  'dataPreprocessor/BaseDataPreprocessor': { options: {} },
  'dataPreprocessor/ImgDataPreprocessor': { options: { mean: [33.3], std: [78.6], padSizeDivisor: 4, padValue: -1 } },
  'weightInitializer/Caffe2Xavier': { options: { layer: 'Conv2d', bias: 0.1 } },
  'weightInitializer/Constant': { options: { layer: ['Linear'], val: 1, bias: 0.5 } },
  'weightInitializer/Kaiming': {
    options: { layer: 'Conv2d', a: 0.1, mode: 'fan_in', nonlinearity: 'leaky_relu', distribution: 'uniform' },
  },
  'weightInitializer/Normal': { options: { layer: 'Linear', mean: 0.1, std: 0.01, biasProb: 0.01 } },
  'weightInitializer/Pretrained': { options: { checkpoint: 'epoch_1.safetensors', prefix: 'backbone' } },
  'weightInitializer/TruncNormal': { options: { layer: 'Linear', mean: 0, std: 0.02, a: -0.04, b: 0.04 } },
  'weightInitializer/Uniform': { options: { layer: 'Linear', a: -0.1, b: 0.1 } },
  'weightInitializer/Xavier': { options: { layer: 'Linear', gain: 2, distribution: 'uniform' } },
  'batchAugment/CutMix': { options: { alpha: 0.5 } },
  'batchAugment/Mixup': { options: { alpha: 0.2 } },
  'batchAugment/RandomBatchAugment': {
    options: { augments: [new Mixup({ alpha: 0.8 }), new CutMix()], probs: [0.3, 0.5] },
  },
  'batchAugment/ResizeMix': { options: { alpha: 1, lamMin: 0.2, lamMax: 0.7 } },
};
