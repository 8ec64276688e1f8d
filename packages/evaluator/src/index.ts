export type { AccuracyOptions } from './accuracy.js';
export { Accuracy } from './accuracy.js';
export type { BaseMetricOptions } from './base-metric.js';
export { BaseMetric } from './base-metric.js';
export type {
  CocoAnnotation,
  CocoCategory,
  CocoFile,
  CocoImage,
  CocoProblem,
  ReadCocoOptions,
} from './coco/coco-file.js';
export { readCocoFile } from './coco/coco-file.js';
export type { BoxXywh, Rle, Segmentation } from './coco/coco-mask.js';
export * as cocoMask from './coco/coco-mask.js';
export type { CocoMetricOptions } from './coco/coco-metric.js';
export { CocoMetric } from './coco/coco-metric.js';
export type { ConfusionMatrixOptions } from './confusion-matrix.js';
export { ConfusionMatrix } from './confusion-matrix.js';
export type * from './contract.js';
export { defineMetric } from './define-metric.js';
export type { DumpResultsOptions } from './dump-results.js';
export { DumpResults, readResults } from './dump-results.js';
export { evaluatorErrors } from './errors.js';
export type { EvaluatorOptions } from './evaluator.js';
export { Evaluator } from './evaluator.js';
export type { IoUMetricOptions } from './iou-metric.js';
export { IoUMetric } from './iou-metric.js';
export { metricValue } from './metric-value.js';
export type { MultiLabelMetricOptions } from './multi-label-metric.js';
export { MultiLabelMetric } from './multi-label-metric.js';
export type { OfflineOptions } from './offline-evaluate.js';
export { offlineEvaluate } from './offline-evaluate.js';
export type { RankingMetricOptions } from './ranking-metric.js';
export { AveragePrecision, ROCAUC } from './ranking-metric.js';
export type { RegressionMetricOptions } from './regression-metric.js';
export { RegressionMetric } from './regression-metric.js';
export type { SingleLabelMetricOptions } from './single-label-metric.js';
export { SingleLabelMetric } from './single-label-metric.js';
export { StreamingMetric } from './streaming-metric.js';
export type { VOCMetricOptions } from './voc/voc-metric.js';
export { VOCMetric } from './voc/voc-metric.js';
