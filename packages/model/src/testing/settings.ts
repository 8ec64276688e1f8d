import type { SettingsTable } from '@engine/registry/testing';
import { CutMix } from '../augment/cut-mix.js';
import { Mixup } from '../augment/mixup.js';

const args = () => ({ model: { namedParameters: () => new Map() } });

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'averagedModel/ExponentialMovingAverage': { options: { momentum: 0.001, updateBuffers: true }, args },
  'averagedModel/MomentumAnnealingEMA': { options: { momentum: 0.001, gamma: 50, interval: 2 }, args },
  'averagedModel/StochasticWeightAverage': { options: { interval: 5 }, args },
  'loss/BCELoss': { options: { reduction: 'sum' } },
  'loss/BCEWithLogitsLoss': { options: { posWeight: [1, 2] } },
  'loss/CosineEmbeddingLoss': { options: { margin: 0.2 } },
  'loss/CrossEntropyLoss': { options: { labelSmoothing: 0.1, ignoreIndex: 255, weight: [1, 2] } },
  'loss/CTCLoss': { options: { blank: 1, zeroInfinity: true } },
  'loss/DiceLoss': { options: { sigmoid: false, naive: true, eps: 1 } },
  'loss/GaussianNLLLoss': { options: { full: true, eps: 1e-4 } },
  'loss/HingeEmbeddingLoss': { options: { margin: 2 } },
  'loss/HuberLoss': { options: { delta: 0.5 } },
  'loss/KLDivLoss': { options: { reduction: 'batchmean', logTarget: true } },
  'loss/L1Loss': { options: { reduction: 'none' } },
  'loss/MarginRankingLoss': { options: { margin: 0.1 } },
  'loss/MSELoss': { options: { reduction: 'sum' } },
  'loss/MultiLabelMarginLoss': { options: { reduction: 'sum' } },
  'loss/MultiLabelSoftMarginLoss': { options: { weight: [1, 2] } },
  'loss/MultiMarginLoss': { options: { p: 2, margin: 0.5, weight: [1, 2] } },
  'loss/NLLLoss': { options: { ignoreIndex: 0, weight: [1, 2] } },
  'loss/PoissonNLLLoss': { options: { logInput: false, full: true, eps: 1e-4 } },
  'loss/SigmoidFocalLoss': { options: { alpha: 0.5, gamma: 1 } },
  'loss/SmoothL1Loss': { options: { beta: 0.5 } },
  'loss/SoftMarginLoss': { options: {} },
  'loss/TripletMarginLoss': { options: { margin: 2, p: 1, eps: 1e-4, swap: true } },
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
