import { cpu } from '@engine/backend-cpu';
import type { EngineError } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AveragePrecision,
  ConfusionMatrix,
  IoUMetric,
  type Metric,
  MultiLabelMetric,
  RegressionMetric,
  ROCAUC,
  SingleLabelMetric,
} from './index.js';
import { describeMetric, localRanks, type MetricBatch } from './testing/index.js';

beforeAll(() => cpu().init());

const ENTRIES = [
  AveragePrecision,
  ConfusionMatrix,
  IoUMetric,
  MultiLabelMetric,
  RegressionMetric,
  ROCAUC,
  SingleLabelMetric,
] as const;
const batch = (...predictions: tf.Tensor[]): MetricBatch => ({ batch: undefined, predictions });
const int32 = (values: number[]): tf.Tensor => tf.tensor1d(values, 'int32');
const float32 = (rows: number[][]): tf.Tensor => tf.tensor2d(rows);

const labelled = (): MetricBatch[] => [
  batch(
    float32([
      [0.1, 0.9],
      [0.8, 0.2],
      [0.6, 0.4],
    ]),
    int32([1, 0, 1]),
  ),
  batch(
    float32([
      [0.3, 0.7],
      [0.2, 0.8],
      [0.9, 0.1],
    ]),
    int32([1, 0, 0]),
  ),
];
const targeted = (): MetricBatch[] => [
  batch(
    float32([
      [0.1, 0.9],
      [0.8, 0.2],
    ]),
    float32([
      [0, 1],
      [1, 1],
    ]),
  ),
  batch(
    float32([
      [0.3, 0.7],
      [0.6, 0.8],
    ]),
    float32([
      [1, 0],
      [0, -1],
    ]),
  ),
];
const maps = (): MetricBatch[] =>
  [
    [0, 1, 1, 2],
    [2, 2, 1, 0],
  ].map((row) =>
    batch(
      tf.tidy(() => tf.oneHot(tf.tensor3d(row, [1, 2, 2], 'int32'), 3, 1, 0)),
      tf.tensor3d([0, 1, 2, 2], [1, 2, 2], 'int32'),
    ),
  );

for (const metric of [SingleLabelMetric, ConfusionMatrix, AveragePrecision, ROCAUC])
  describeMetric(metric, { batches: labelled, size: 6 });
for (const metric of [MultiLabelMetric, AveragePrecision, ROCAUC, RegressionMetric])
  describeMetric(metric, { batches: targeted, size: 4 });
describeMetric(IoUMetric, { options: { iouMetrics: ['mIoU', 'mDice', 'mFscore'] }, batches: maps, size: 2 });

async function codeOf(metric: Metric, ...predictions: tf.Tensor[]): Promise<string> {
  try {
    await metric.process(undefined, predictions);
    return 'nothing thrown';
  } catch (error) {
    return (error as EngineError).code;
  } finally {
    tf.dispose(predictions);
  }
}

const all = (): Metric[] => ENTRIES.map((entry) => new entry());

describe('metrics', () => {
  it('refuse predictions of another form, and keep no tensors', async () => {
    const before = tf.memory().numTensors;
    for (const metric of all()) {
      expect(await codeOf(metric), metric.constructor.name).toBe('ENGINE_EVALUATOR_BAD_PREDICTIONS');
      expect(await codeOf(metric, float32([[1, 2]]), int32([1, 2]))).toBe('ENGINE_EVALUATOR_BAD_PREDICTIONS');
    }
    expect(await codeOf(new SingleLabelMetric(), float32([[1, 2]]), tf.tensor1d([1]))).toMatch(/BAD_PREDICTIONS$/);
    expect(await codeOf(new MultiLabelMetric(), float32([[1, 2]]), float32([[1]]))).toMatch(/BAD_PREDICTIONS$/);
    const map = (): tf.Tensor => tf.zeros([1, 2, 2], 'int32');
    expect(await codeOf(new IoUMetric(), map(), map())).toMatch(/BAD_PREDICTIONS$/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuse labels that are no class', async () => {
    for (const label of [-1, 2])
      for (const metric of [new SingleLabelMetric(), new ConfusionMatrix(), new ROCAUC()])
        expect(await codeOf(metric, float32([[1, 2]]), int32([label]))).toBe('ENGINE_EVALUATOR_LABEL_RANGE');
    const map = tf.tensor3d([3, 3, 3, 3], [1, 2, 2], 'int32');
    const metric = new IoUMetric({ numClasses: 3 });
    expect(await codeOf(metric, tf.zeros([1, 2, 2], 'int32'), map)).toBe('ENGINE_EVALUATOR_LABEL_RANGE');
  });

  it('refuse more best classes than there are', async () => {
    const metric = new MultiLabelMetric({ topk: 3 });
    expect(await codeOf(metric, float32([[1, 2]]), float32([[0, 1]]))).toBe('ENGINE_EVALUATOR_TOPK_RANGE');
  });

  it('say that they have seen nothing', async () => {
    for (const metric of all())
      await expect(metric.evaluate(3)).rejects.toMatchObject({ code: 'ENGINE_EVALUATOR_NO_RESULTS' });
  });

  it('refuse a number of classes that changes between batches or differs between ranks', async () => {
    const metric = new ConfusionMatrix();
    expect(await codeOf(metric, float32([[1, 2]]), int32([1]))).toBe('nothing thrown');
    expect(await codeOf(metric, float32([[1, 2, 3]]), int32([1]))).toBe('ENGINE_EVALUATOR_CLASS_COUNT');
    const ranks = localRanks(2).map(async (communicator) => {
      const own = new ConfusionMatrix();
      await codeOf(own, float32([communicator.rank === 0 ? [1, 2] : [1, 2, 3]]), int32([1]));
      return own.evaluate(2, communicator);
    });
    for (const settled of await Promise.allSettled(ranks))
      expect(settled).toMatchObject({ reason: { code: 'ENGINE_EVALUATOR_CLASS_COUNT' } });
  });

  it('start empty after a size that is no count', async () => {
    const metric = new ConfusionMatrix();
    await codeOf(metric, float32([[1, 2]]), int32([1]));
    await expect(metric.evaluate(-1)).rejects.toMatchObject({ code: 'ENGINE_EVALUATOR_BAD_SIZE' });
    await expect(metric.evaluate(1)).rejects.toMatchObject({ code: 'ENGINE_EVALUATOR_NO_RESULTS' });
  });

  it('count a rank without samples as nothing', async () => {
    const values = localRanks(3).map(async (communicator) => {
      const metric = new ConfusionMatrix();
      if (communicator.rank === 1)
        await codeOf(
          metric,
          float32([
            [1, 2],
            [2, 1],
          ]),
          int32([1, 1]),
        );
      return metric.evaluate(6, communicator);
    });
    const expected = {
      'confusion_matrix/result': [
        [0, 0],
        [1, 1],
      ],
    };
    expect(await Promise.all(values)).toEqual([expected, expected, expected]);
  });

  it('leave classes out that cannot be told apart, and give null where nothing is left', async () => {
    const classes = new ROCAUC({ average: 'none' });
    await codeOf(
      classes,
      float32([
        [0.2, 0.5],
        [0.7, 0.1],
      ]),
      float32([
        [0, 1],
        [1, 1],
      ]),
    );
    expect(await classes.evaluate(2)).toEqual({ 'auc/roc_auc_classwise': [100, null] });
    const mean = new ROCAUC();
    await codeOf(
      mean,
      float32([
        [0.2, 0.5],
        [0.7, 0.1],
      ]),
      float32([
        [0, 1],
        [1, 1],
      ]),
    );
    expect(await mean.evaluate(2)).toEqual({ 'auc/roc_auc': 100 });
    const constant = new RegressionMetric({ items: ['r2'] });
    await codeOf(constant, tf.tensor1d([1, 2]), tf.tensor1d([3, 3]));
    expect(await constant.evaluate(2)).toEqual({ 'regression/r2': null });
  });

  it('rank scores of one class', async () => {
    const metric = new ROCAUC();
    await codeOf(metric, tf.tensor1d([0.1, 0.4, 0.35, 0.8]), int32([0, 0, 1, 1]));
    expect(await metric.evaluate(4)).toEqual({ 'auc/roc_auc': 75 });
  });

  it('keep the spread of targets far from zero', async () => {
    const metric = new RegressionMetric({ items: ['r2'] });
    const targets = [16777210, 16777211, 16777212, 16777213];
    await codeOf(metric, tf.tensor1d([16777211, 16777211, 16777212, 16777212]), tf.tensor1d(targets));
    expect((await metric.evaluate(4))['regression/r2']).toBeCloseTo(1 - 2 / 5, 12);
  });
});
