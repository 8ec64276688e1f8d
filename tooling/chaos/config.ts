import { defineConfig } from '@engine/standard';
import { Beacon } from './beacon.ts';
import { CROP, QuartersNet } from './parts.ts';
import { Quarters } from './quarters.ts';

const normalize = { type: 'Normalize' as const, mean: [110], std: [60] };

/** Counts in epochs, of 12 iterations each. */
export default defineConfig({
  backend: { type: 'wasm', threads: 1 },
  model: { type: QuartersNet },
  workDir: 'runs/chaos',
  trainDataloader: {
    dataset: {
      type: Quarters,
      length: 96,
      pipeline: [
        { type: 'RandomCrop', size: CROP },
        { type: 'RandomHorizontalFlip', p: 0.2 },
        { type: 'ColorJitter', brightness: 0.3, contrast: 0.3 },
        normalize,
        { type: 'RandomErasing', p: 0.3, value: 'random' },
      ],
    },
    batchSize: 8,
    shuffle: true,
    numWorkers: 2,
  },
  valDataloader: {
    dataset: { type: Quarters, length: 64, pipeline: [{ type: 'CenterCrop', cropSize: CROP }, normalize] },
    batchSize: 16,
  },
  valCfg: {},
  valEvaluator: { type: 'Accuracy' },
  optimWrapper: { optimizer: { type: 'AdamW', lr: 1e-3 }, accumulativeCounts: 4, clipGrad: { maxNorm: 1 } },
  paramScheduler: [
    { type: 'LinearLR', startFactor: 0.1, byEpoch: false, begin: 0, end: 30 },
    { type: 'MultiStepLR', byEpoch: true, begin: 2, milestones: [6, 14, 20], gamma: 0.5 },
    { type: 'ReduceOnPlateauLR', monitor: 'accuracy/top1', rule: 'greater', factor: 0.7, patience: 2, cooldown: 1 },
    { type: 'CosineAnnealingMomentum', byEpoch: true, tMax: 8, etaMin: 0.85, convertToIterBased: true },
  ],
  trainCfg: { byEpoch: true, maxEpochs: 10, valInterval: 1 },
  customHooks: [
    { type: 'EMAHook', emaType: 'MomentumAnnealingEMA', momentum: 0.02, gamma: 10, updateBuffers: true },
    { type: 'EarlyStoppingHook', monitor: 'accuracy/top1', minDelta: 0.001, patience: 999 },
    { type: 'NumberMonitorHook', spikeWindow: 20, spikeFactor: 1.3 },
    { type: 'ThroughputHook', interval: 4, warmup: 2, estimateAfter: 6 },
    { type: 'LeakMonitorHook', interval: 2, patience: 3 },
    { type: 'SyncBuffersHook' },
    { type: Beacon },
  ],
  randomness: { seed: 7 },
  defaultHooks: {
    logger: { type: 'LoggerHook', interval: 1 },
    checkpoint: { type: 'CheckpointHook', byEpoch: false, interval: 6, maxKeepCkpts: 2, saveBest: 'auto' },
  },
});
