import type { SettingsTable } from '@engine/registry/testing';

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'dataPreprocessor/BaseDataPreprocessor': { options: {} },
  'dataPreprocessor/ImgDataPreprocessor': { options: { mean: [33.3], std: [78.6], padSizeDivisor: 4, padValue: -1 } },
};
