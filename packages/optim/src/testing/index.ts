export { canonicalSettings } from './canonical-settings.js';
export type { ConstructorTrial } from './describe-optim-wrapper-constructor.js';
export { describeOptimWrapperConstructor } from './describe-optim-wrapper-constructor.js';
export type { OptimizerUnderTest } from './describe-optimizer.js';
export { describeOptimizer } from './describe-optimizer.js';
export type { TestModel, TestPlace } from './test-model.js';
export { testModel } from './test-model.js';
export { disposeParameters, testParameter } from './test-parameter.js';
