export { AveragedModule, describeAveragedModel } from './describe-averaged-model.js';
export type { ModuleCase } from './describe-module.js';
export { describeModule } from './describe-module.js';
export type { GradientCheck } from './gradient-check.js';
export { directionalError } from './gradient-check.js';
export { canonicalSettings } from './settings.js';
