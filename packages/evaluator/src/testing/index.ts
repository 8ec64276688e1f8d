export { canonicalSettings } from './canonical-settings.js';
export type { MetricBatch, MetricCase } from './describe-metric.js';
export { describeMetric } from './describe-metric.js';
export { localRanks } from './local-ranks.js';
