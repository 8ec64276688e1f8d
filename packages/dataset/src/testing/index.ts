export { canonicalSettings } from './canonical-settings.js';
export { describeCollate } from './describe-collate.js';
export { describeDataset } from './describe-dataset.js';
export type { SamplerCase } from './describe-sampler.js';
export { describeSampler } from './describe-sampler.js';
export { describeTransform } from './describe-transform.js';
export type { Subject } from './make.js';
