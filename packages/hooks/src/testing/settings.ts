import { MomentumAnnealingEMA } from '@engine/model';
import type { SettingsTable } from '@engine/registry/testing';

/** Options with which each hook of this package acts within a few iterations. */
export const canonicalSettings = {
  'hook/RuntimeInfoHook': { options: {} },
  'hook/IterTimerHook': { options: {} },
  'hook/DistSamplerSeedHook': { options: {} },
  'hook/LoggerHook': {
    options: { interval: 2, ignoreLast: false, outDir: '/kept', outSuffix: '.log', keepLocal: false },
  },
  'hook/ParamSchedulerHook': { options: {} },
  'hook/EMAHook': { options: { emaType: MomentumAnnealingEMA, momentum: 0.01, gamma: 10, updateBuffers: true } },
  'hook/EarlyStoppingHook': { options: { monitor: 'accuracy/top1', patience: 1, minDelta: 10 } },
  'hook/EmptyCacheHook': { options: { beforeEpoch: true, afterIter: true } },
  'hook/SyncBuffersHook': { options: {} },
  'hook/PrepareTTAHook': { options: { ttaCfg: { type: 'TinyTTAModel' } } },
  'hook/ProfilerHook': {
    options: { byEpoch: false, profileTimes: 3, recordShapes: true, profileMemory: true, jsonTracePath: 'p.json' },
  },
  'hook/NaiveVisualizationHook': { options: { interval: 2, drawGt: false } },
  'hook/NumberMonitorHook': { options: { spikeWindow: 3 } },
  'hook/ThroughputHook': { options: { interval: 2, warmup: 1, estimateAfter: 2 } },
  'hook/LeakMonitorHook': { options: { interval: 1, action: 'stop' } },
  'hook/HistogramHook': { options: { interval: 2, only: 'weight' } },
  'hook/CheckpointHook': { options: { interval: 1, saveBest: 'accuracy/top1', maxKeepCkpts: 1 } },
} satisfies SettingsTable;
