export { inferRule, isBetter, type Rule } from './best-score.js';
export type { CheckpointDraft, CheckpointMeta, LoadedCheckpoint, SaveOptions } from './checkpoint.js';
export { CheckpointHook, type CheckpointHookOptions } from './checkpoint-hook.js';
export { type DefaultHookKey, defaultHookConfigs, defaultHookKeys, defaultHooks } from './default-hooks.js';
export { defineHook, type HookDefinition } from './define-hook.js';
export { DistSamplerSeedHook, type DistSamplerSeedHookOptions } from './dist-sampler-seed-hook.js';
export { EarlyStoppingHook, type EarlyStoppingHookOptions } from './early-stopping-hook.js';
export { EMAHook, type EMAHookOptions } from './ema-hook.js';
export { EmptyCacheHook, type EmptyCacheHookOptions } from './empty-cache-hook.js';
export { hooksErrors } from './errors.js';
export { everyN } from './every-n.js';
export { HistogramHook, type HistogramHookOptions } from './histogram-hook.js';
export { type EvalIterInfo, type Hook, type IterInfo, type MetricsInfo, type TrainIterInfo } from './hook.js';
export { type HookInfo, HookList, type RegisteredHook } from './hook-list.js';
export {
  type CustomHookPoints,
  type HookPoint,
  hookPointOrder,
  hookPoints,
  type StandardHookPoint,
} from './hook-points.js';
export { IterTimerHook, type IterTimerHookOptions } from './iter-timer-hook.js';
export { LeakMonitorHook, type LeakMonitorHookOptions } from './leak-monitor-hook.js';
export { LoggerHook, type LoggerHookOptions } from './logger-hook.js';
export { NaiveVisualizationHook, type NaiveVisualizationHookOptions } from './naive-visualization-hook.js';
export { NumberMonitorHook, type NumberMonitorHookOptions } from './number-monitor-hook.js';
export { ParamSchedulerHook, type ParamSchedulerHookOptions } from './param-scheduler-hook.js';
export { PrepareTTAHook, type PrepareTTAHookOptions } from './prepare-tta-hook.js';
export { type Priority, type PriorityName, priorities, priorityLabel, priorityValue } from './priority.js';
export { ProfilerHook, type ProfilerHookOptions } from './profiler-hook.js';
export type { EvalLoopView, HookCall, HookCallListener, LoopView, RunContext } from './run-context.js';
export { RuntimeInfoHook, type RuntimeInfoHookOptions } from './runtime-info-hook.js';
export { SyncBuffersHook, type SyncBuffersHookOptions } from './sync-buffers-hook.js';
export { ThroughputHook, type ThroughputHookOptions } from './throughput-hook.js';
