import { extendConfig } from '@engine/standard';
import base from '../config.ts';

/** Counts in iterations, pass after pass; mixed precision's loss scale grows until updates overflow and are skipped, again and again. */
export default extendConfig([base], {
  trainCfg: { _delete_: true, byEpoch: false, maxIters: 120, valInterval: 10, dynamicIntervals: [[60, 8]] },
  trainDataloader: { dataset: { length: 88 } },
  valDataloader: { numWorkers: 1 },
  valCfg: { loss: true },
  optimWrapper: {
    _delete_: true,
    type: 'AmpOptimWrapper',
    optimizer: { type: 'SGD', lr: 0.02, momentum: 0.9, weightDecay: 1e-4 },
    lossScale: { initScale: 2 ** 120, growthInterval: 4 },
    accumulativeCounts: 2,
  },
  paramScheduler: [
    { type: 'LinearLR', startFactor: 0.1, byEpoch: false, begin: 0, end: 20 },
    { type: 'CosineAnnealingLR', byEpoch: false, begin: 20, end: 200, tMax: 60, etaMin: 1e-3 },
    { type: 'ReduceOnPlateauLR', monitor: 'val_loss', factor: 0.8, patience: 0 },
    { type: 'MultiStepMomentum', byEpoch: false, milestones: [50, 110], gamma: 0.95 },
  ],
  customHooks: [
    { type: 'EMAHook', emaType: 'StochasticWeightAverage', beginIter: 25, interval: 3 },
    { type: 'EarlyStoppingHook', monitor: 'val_loss', minDelta: 0.01, patience: 999 },
    { type: 'NumberMonitorHook', spikeWindow: 10, spikeFactor: 1.3, gradients: false, interval: 2 },
    { type: 'ThroughputHook', interval: 4, warmup: 2, estimateAfter: 6 },
    { type: 'LeakMonitorHook', interval: 2, patience: 3 },
    { type: 'EmptyCacheHook', afterIter: true },
    ...(base.customHooks ?? []).slice(-1),
  ],
  defaultHooks: {
    checkpoint: { interval: 5, maxKeepCkpts: 3, saveBest: ['accuracy/top1', 'val_loss'], rule: ['greater', 'less'] },
  },
});
