export type { ScheduleOptions, ScheduleStep } from './base-param-scheduler.js';
export { BaseParamScheduler } from './base-param-scheduler.js';
export type { ConstantLROptions, ConstantMomentumOptions, ConstantParamSchedulerOptions } from './constant.js';
export { ConstantLR, ConstantMomentum, ConstantParamScheduler } from './constant.js';
export type { ParamScheduler, Schedulable } from './contract.js';
export type {
  CosineAnnealingLROptions,
  CosineAnnealingMomentumOptions,
  CosineAnnealingParamSchedulerOptions,
} from './cosine-annealing.js';
export { CosineAnnealingLR, CosineAnnealingMomentum, CosineAnnealingParamScheduler } from './cosine-annealing.js';
export type {
  CosineRestartLROptions,
  CosineRestartMomentumOptions,
  CosineRestartParamSchedulerOptions,
} from './cosine-restart.js';
export { CosineRestartLR, CosineRestartMomentum, CosineRestartParamScheduler } from './cosine-restart.js';
export { defineParamScheduler } from './define.js';
export { schedulerErrors } from './errors.js';
export type {
  ExponentialLROptions,
  ExponentialMomentumOptions,
  ExponentialParamSchedulerOptions,
} from './exponential.js';
export { ExponentialLR, ExponentialMomentum, ExponentialParamScheduler } from './exponential.js';
export { initialName, momentumField, readField } from './group-field.js';
export type { InverseSqrtLROptions, InverseSqrtParamSchedulerOptions } from './inverse-sqrt.js';
export { InverseSqrtLR, InverseSqrtParamScheduler } from './inverse-sqrt.js';
export type { LinearLROptions, LinearMomentumOptions, LinearParamSchedulerOptions } from './linear.js';
export { LinearLR, LinearMomentum, LinearParamScheduler } from './linear.js';
export type { MultiStepLROptions, MultiStepMomentumOptions, MultiStepParamSchedulerOptions } from './multi-step.js';
export { MultiStepLR, MultiStepMomentum, MultiStepParamScheduler } from './multi-step.js';
export type { OneCycleLROptions, OneCycleParamSchedulerOptions } from './one-cycle.js';
export { OneCycleLR, OneCycleParamScheduler } from './one-cycle.js';
export type { PolyLROptions, PolyMomentumOptions, PolyParamSchedulerOptions } from './poly.js';
export { PolyLR, PolyMomentum, PolyParamScheduler } from './poly.js';
export type {
  ReduceOnPlateauLROptions,
  ReduceOnPlateauMomentumOptions,
  ReduceOnPlateauParamSchedulerOptions,
} from './reduce-on-plateau.js';
export { ReduceOnPlateauLR, ReduceOnPlateauMomentum, ReduceOnPlateauParamScheduler } from './reduce-on-plateau.js';
export type { StepLROptions, StepMomentumOptions, StepParamSchedulerOptions } from './step.js';
export { StepLR, StepMomentum, StepParamScheduler } from './step.js';
export type { WarmupStableDecayLROptions, WarmupStableDecayParamSchedulerOptions } from './warmup-stable-decay.js';
export { WarmupStableDecayLR, WarmupStableDecayParamScheduler } from './warmup-stable-decay.js';
export type { Window, WindowOptions } from './window.js';
export { inRun, paramNameShape, windowShape } from './window.js';
