export type { AdadeltaOptions } from './adadelta.js';
export { Adadelta } from './adadelta.js';
export type { AdafactorOptions } from './adafactor.js';
export { Adafactor } from './adafactor.js';
export type { AdagradOptions } from './adagrad.js';
export { Adagrad } from './adagrad.js';
export type { AdamOptions } from './adam.js';
export { Adam } from './adam.js';
export type { AdamaxOptions } from './adamax.js';
export { Adamax } from './adamax.js';
export type { AdamWOptions } from './adamw.js';
export { AdamW } from './adamw.js';
export type { AmpOptimWrapperOptions, BuiltAmpOptimWrapperOptions } from './amp-optim-wrapper.js';
export { AmpOptimWrapper } from './amp-optim-wrapper.js';
export type { ASGDOptions } from './asgd.js';
export { ASGD } from './asgd.js';
export { autocastOf } from './autocast.js';
export type { CommonWrapperOptions, PreparedGradients } from './base-optim-wrapper.js';
export { BaseOptimWrapper } from './base-optim-wrapper.js';
export type { OptimizerSpec, UpdateInput, UpdateResult } from './base-optimizer.js';
export { BaseOptimizer } from './base-optimizer.js';
export type { ClipGradOptions } from './clip-grad.js';
export type { BuildOptimWrapperOptions } from './constructors/build-optim-wrapper.js';
export { buildOptimWrapper } from './constructors/build-optim-wrapper.js';
export type { ConstructorConfig } from './constructors/config-types.js';
export type {
  ConstructContext,
  OptimizableModel,
  OptimizedParams,
  OptimWrapperConfig,
  OptimWrapperConstructor,
  ParameterPlace,
} from './constructors/contract.js';
export { DefaultOptimWrapperConstructor } from './constructors/default-optim-wrapper-constructor.js';
export type { LayerPlan } from './constructors/layer-plan.js';
export type { LearningRateDecayOptions } from './constructors/learning-rate-decay-optim-wrapper-constructor.js';
export { LearningRateDecayOptimWrapperConstructor } from './constructors/learning-rate-decay-optim-wrapper-constructor.js';
export type { ParamwiseOptions } from './constructors/paramwise-options.js';
export type {
  ApplyOptions,
  GradientListener,
  Losses,
  Optimizer,
  OptimizerGroupInput,
  OptimizerState,
  OptimWrapperLike,
  OptimWrapperState,
  ParamGroup,
  UpdateOutputs,
} from './contract.js';
export { defineOptimizer, defineOptimWrapper, defineOptimWrapperConstructor } from './define.js';
export { optimErrors } from './errors.js';
export type { Evaluation, FlatClosure, FlatLBFGSSettings, FlatLBFGSState, FlatStep } from './flat-lbfgs.js';
export { freshLBFGSState, lbfgsStep } from './flat-lbfgs.js';
export type { LAMBOptions } from './lamb.js';
export { LAMB } from './lamb.js';
export type { LARSOptions } from './lars.js';
export { LARS } from './lars.js';
export type { LBFGSOptions } from './lbfgs.js';
export { LBFGS } from './lbfgs.js';
export type { LionOptions } from './lion.js';
export { Lion } from './lion.js';
export type { MuonOptions } from './muon.js';
export { Muon } from './muon.js';
export type { NAdamOptions } from './nadam.js';
export { NAdam } from './nadam.js';
export { OptimWrapper } from './optim-wrapper.js';
export type { OptimWrapperDictOptions } from './optim-wrapper-dict.js';
export { OptimWrapperDict } from './optim-wrapper-dict.js';
export type { GroupFields, OptimizerParams } from './param-groups.js';
export type { RAdamOptions } from './radam.js';
export { RAdam } from './radam.js';
export type { RMSpropOptions } from './rmsprop.js';
export { RMSprop } from './rmsprop.js';
export type { RpropOptions } from './rprop.js';
export { Rprop } from './rprop.js';
export type { SGDOptions } from './sgd.js';
export { SGD } from './sgd.js';
export type { LoadTorchStateOptions, TorchOptimizerState, TorchSlots } from './torch-state.js';
export { loadTorchState, toTorchState } from './torch-state.js';
export type { BuiltOptimWrapperOptions, OptimWrapperOptions } from './wrapper-options.js';
