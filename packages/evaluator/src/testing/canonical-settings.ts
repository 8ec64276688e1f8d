import type { SettingsTable } from '@engine/registry/testing';
import { Accuracy } from '../accuracy.js';

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'metric/Accuracy': { options: { topk: [1, 2], prefix: 'digits' } },
  'evaluator/Evaluator': { options: { metrics: [{ type: Accuracy }, { type: Accuracy, prefix: 'again' }] } },
};
