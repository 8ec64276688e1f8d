import type { SettingsTable } from '@engine/registry/testing';
import { Accuracy } from '../accuracy.js';

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'metric/Accuracy': { options: { topk: [1, 2], prefix: 'digits' } },
  'metric/SingleLabelMetric': { options: { items: ['recall', 'support'], average: 'none', prefix: 'digits' } },
  'metric/CocoMetric': {
    options: {
      annFile: 'annotations/instances_val2017.json',
      metric: ['bbox', 'segm', 'proposal'],
      classwise: true,
      maxDets: [1, 10, 100],
      proposalNums: [10, 100],
      iouThrs: [0.5, 0.75],
      metricItems: ['AR@10', 'AR_l@100'],
      formatOnly: true,
      outfilePrefix: 'work_dirs/coco/val',
      prefix: 'val',
    },
  },
  'metric/ConfusionMatrix': { options: { prefix: 'digits' } },
  'metric/MultiLabelMetric': { options: { items: ['f1-score'], average: 'micro', thr: 0.3, topk: 2, prefix: 'tags' } },
  'metric/AveragePrecision': { options: { average: 'none', prefix: 'tags' } },
  'metric/ROCAUC': { options: { average: 'none', prefix: 'tags' } },
  'metric/RegressionMetric': { options: { items: ['mae', 'r2'], prefix: 'depth' } },
  'metric/IoUMetric': {
    options: {
      iouMetrics: ['mIoU', 'mFscore'],
      ignoreIndex: 0,
      numClasses: 4,
      beta: 2,
      classwise: true,
      prefix: 'roads',
    },
  },
  'metric/VOCMetric': {
    options: {
      iouThrs: [0.5, 0.7],
      evalMode: 'area',
      metric: 'mAP',
      useLegacyCoordinate: false,
      classwise: true,
      prefix: 'val',
    },
  },
  'metric/DumpResults': { options: { outFilePath: 'work_dirs/predictions.jsonl' } },
  'evaluator/Evaluator': { options: { metrics: [{ type: Accuracy }, { type: Accuracy, prefix: 'again' }] } },
};
