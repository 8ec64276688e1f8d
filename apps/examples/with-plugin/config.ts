import { extendConfig } from '@engine/standard';
import type {} from 'engine-plugin-watch'; // so that the compiler knows its entries
import base from '../quickstart/config.ts';

export default extendConfig([base], {
  customImports: ['engine-plugin-watch'],
  customHooks: [{ type: 'LossSpikeHook', interval: 1, factor: 4 }],
  valEvaluator: { type: 'BalancedAccuracy' },
});
