export { canonicalSettings } from './canonical-settings.js';
export type { OptimizerUnderTest } from './describe-optimizer.js';
export { describeOptimizer } from './describe-optimizer.js';
export { disposeParameters, testParameter } from './test-parameter.js';
