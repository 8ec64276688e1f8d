import { extendConfig } from '@engine/standard';
import base from '../config.ts';

/** The same job counted in iterations: passes of 30 batches, one after the other as one long epoch. */
export default extendConfig([base], {
  trainCfg: { _delete_: true, byEpoch: false, maxIters: 480, valInterval: 60, dynamicIntervals: [[300, 45]] },
  valCfg: { loss: true },
  paramScheduler: [
    { type: 'LinearLR', startFactor: 0.1, byEpoch: false, begin: 0, end: 60 },
    { type: 'CosineAnnealingLR', byEpoch: false, begin: 60, end: 480, tMax: 420 },
  ],
  defaultHooks: { checkpoint: { saveBest: 'val_loss' } },
});
