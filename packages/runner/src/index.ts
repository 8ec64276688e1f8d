export { checkConfig } from './check-config.js';
export {
  CHECKPOINT_FORMAT,
  type CheckpointFile,
  type CheckpointOrigin,
  encodeCheckpoint,
  readCheckpoint,
  readCheckpointFile,
} from './checkpoint.js';
export { defineRunner, type RunnerArgs, type RunnerDefinition } from './define-runner.js';
export { runnerErrors } from './errors.js';
export { TestLoop, type TestLoopOptions, ValLoop, type ValLoopOptions } from './eval-loop.js';
export type { BatchSizeTrial, FindBatchSizeRequest, FoundBatchSize } from './find-batch-size.js';
export type { FindLrRequest, FoundLr } from './find-lr.js';
export { IterBasedTrainLoop, type IterBasedTrainLoopOptions } from './iter-train-loop.js';
export {
  defineLoop,
  type Loop,
  type LoopArgs,
  type LoopDefinition,
  type LoopRun,
  type TrainLoop,
  type TrainPosition,
} from './loop.js';
export type { RunnerOptions } from './options.js';
export { publishCheckpoint } from './publish-checkpoint.js';
export { Runner, type TrainResult } from './runner.js';
export type { RunnerRuntime, Runtime } from './runtime.js';
export type { Schedule, ScheduleCurve, ScheduleRequest } from './schedule.js';
export { SIGNAL_EXIT_CODES } from './stop-signals.js';
export { EpochBasedTrainLoop, type EpochBasedTrainLoopOptions } from './train-loop.js';
export { buildRunnerWithTta } from './tta-runner.js';
export { ENGINE_VERSION } from './version.js';
