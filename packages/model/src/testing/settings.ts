import type { SettingsTable } from '@engine/registry/testing';

const args = () => ({ model: { namedParameters: () => new Map() } });

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'averagedModel/ExponentialMovingAverage': { options: { momentum: 0.001, updateBuffers: true }, args },
  'averagedModel/MomentumAnnealingEMA': { options: { momentum: 0.001, gamma: 50, interval: 2 }, args },
  'averagedModel/StochasticWeightAverage': { options: { interval: 5 }, args },
  'dataPreprocessor/BaseDataPreprocessor': { options: {} },
  'dataPreprocessor/ImgDataPreprocessor': { options: { mean: [33.3], std: [78.6], padSizeDivisor: 4, padValue: -1 } },
};
