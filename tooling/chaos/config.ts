import { defineConfig } from '@engine/standard';
import { Quarters, QuartersNet } from './parts.ts';

const loader = { dataset: { type: Quarters }, batchSize: 16 };

export default defineConfig({
  backend: { type: 'wasm', threads: 1 },
  model: { type: QuartersNet },
  workDir: 'runs/chaos',
  trainDataloader: { ...loader, shuffle: true },
  valDataloader: loader,
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
  optimWrapper: { optimizer: { type: 'AdamW', lr: 1e-3 }, accumulativeCounts: 3, clipGrad: { maxNorm: 1 } },
  paramScheduler: [
    { type: 'LinearLR', startFactor: 0.1, byEpoch: false, begin: 0, end: 60 },
    { type: 'CosineAnnealingLR', byEpoch: true, begin: 2, end: 16, tMax: 14, convertToIterBased: true },
  ],
  trainCfg: { byEpoch: true, maxEpochs: 16, valInterval: 2 },
  customHooks: [
    { type: 'EMAHook', emaType: 'MomentumAnnealingEMA', momentum: 0.02, gamma: 10, updateBuffers: true },
    { type: 'EarlyStoppingHook', monitor: 'accuracy/top1', minDelta: 0.001, patience: 999 },
    { type: 'NumberMonitorHook', spikeWindow: 20 },
  ],
  randomness: { seed: 7 },
  defaultHooks: {
    logger: { type: 'LoggerHook', interval: 1 },
    checkpoint: { type: 'CheckpointHook', byEpoch: false, interval: 7, maxKeepCkpts: 2, saveBest: 'auto' },
  },
});
