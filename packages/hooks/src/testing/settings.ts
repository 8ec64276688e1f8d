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
  'hook/CheckpointHook': { options: { interval: 1, saveBest: 'accuracy/top1', maxKeepCkpts: 1 } },
} satisfies SettingsTable;
