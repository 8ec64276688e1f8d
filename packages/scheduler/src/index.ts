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
export { defineParamScheduler } from './define.js';
export { schedulerErrors } from './errors.js';
export type { LinearLROptions, LinearMomentumOptions, LinearParamSchedulerOptions } from './linear.js';
export { LinearLR, LinearMomentum, LinearParamScheduler } from './linear.js';
export type { MultiStepLROptions, MultiStepMomentumOptions, MultiStepParamSchedulerOptions } from './multi-step.js';
export { MultiStepLR, MultiStepMomentum, MultiStepParamScheduler } from './multi-step.js';
export type { Window, WindowOptions } from './window.js';
