export type { AdamOptions } from './adam.js';
export { Adam } from './adam.js';
export type { AdamWOptions } from './adamw.js';
export { AdamW } from './adamw.js';
export type { OptimizerSpec, UpdateInput, UpdateResult } from './base-optimizer.js';
export { BaseOptimizer } from './base-optimizer.js';
export type { ClipGradOptions } from './clip-grad.js';
export type {
  Losses,
  Optimizer,
  OptimizerGroupInput,
  OptimizerState,
  OptimWrapperLike,
  OptimWrapperState,
  ParamGroup,
  UpdateOutputs,
} from './contract.js';
export { defineOptimizer, defineOptimWrapper } from './define.js';
export { optimErrors } from './errors.js';
export type { BuiltOptimWrapperOptions, OptimWrapperOptions } from './optim-wrapper.js';
export { OptimWrapper } from './optim-wrapper.js';
export type { GroupFields, OptimizerParams } from './param-groups.js';
export type { SGDOptions } from './sgd.js';
export { SGD } from './sgd.js';
