export type { BalancedAccuracyOptions } from './balanced-accuracy.js';
export { BalancedAccuracy } from './balanced-accuracy.js';
export type { LossSpikeHookOptions } from './loss-spike-hook.js';
export { LossSpikeHook } from './loss-spike-hook.js';
