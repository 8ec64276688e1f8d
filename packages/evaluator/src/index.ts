export type { AccuracyOptions } from './accuracy.js';
export { Accuracy } from './accuracy.js';
export type { BaseMetricOptions } from './base-metric.js';
export { BaseMetric } from './base-metric.js';
export type * from './contract.js';
export { defineMetric } from './define-metric.js';
export { evaluatorErrors } from './errors.js';
export type { EvaluatorOptions } from './evaluator.js';
export { Evaluator } from './evaluator.js';
