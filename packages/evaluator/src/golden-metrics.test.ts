import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConfusionMatrix } from './confusion-matrix.js';
import type { Metric, MetricValues } from './contract.js';
import { IoUMetric } from './iou-metric.js';
import { MultiLabelMetric } from './multi-label-metric.js';
import { AveragePrecision, ROCAUC } from './ranking-metric.js';
import { RegressionMetric } from './regression-metric.js';
import { SingleLabelMetric } from './single-label-metric.js';
import { localRanks } from './testing/index.js';

beforeAll(() => cpu().init());

type Average = 'macro' | 'micro' | 'none';
type Fractions = Readonly<Record<'precision' | 'recall' | 'f1-score', number | number[]>>;
interface Golden {
  readonly single: readonly {
    readonly scores: number[][];
    readonly labels: number[];
    readonly values: Readonly<Record<Average, Fractions>>;
    readonly support: number[];
    readonly confusion: number[][];
  }[];
  readonly multi: readonly {
    readonly scores: number[][];
    readonly targets: number[][];
    readonly thr: number;
    readonly values: Readonly<Record<Average, Fractions>>;
    readonly top2: Readonly<Record<Average, Fractions>>;
  }[];
  readonly ranking: readonly {
    readonly scores: number[][];
    readonly targets: number[][];
    readonly ap: number[];
    readonly auc: number[];
  }[];
  readonly regression: readonly ({ readonly targets: number[][]; readonly predictions: number[][] } & Readonly<
    Record<'mae' | 'mse' | 'rmse' | 'r2', number>
  >)[];
  readonly segmentation: readonly ({
    readonly maps: number[][][];
    readonly labels: number[][][];
    readonly classes: number;
    readonly present: number[];
    readonly aAcc: number;
  } & Readonly<Record<'IoU' | 'Dice' | 'Fscore2' | 'Precision' | 'Acc', number[]>>)[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/metrics_sklearn.json', import.meta.url), 'utf8'),
) as Golden;

const SUFFIX = { macro: '', micro: '_micro', none: '_classwise' } as const;
const AVERAGES = ['macro', 'micro', 'none'] as const;
/** float32 inputs, double sums. */
const TOLERANCE = 1e-9;

/** Makes the tensors of some samples, in the order given. */
type Predict = (indices: readonly number[]) => tf.Tensor[];
const rowsOf =
  (...columns: readonly { readonly rows: readonly unknown[]; readonly dtype?: 'int32' }[]): Predict =>
  (indices) =>
    columns.map(({ rows, dtype }) => tf.tensor(indices.map((i) => rows[i]) as tf.TensorLike, undefined, dtype));

/** The values after batches of three, on one rank, and dealt out to three with the last ones repeated; both must agree. */
async function valuesOf(make: () => Metric, predict: Predict, size: number): Promise<MetricValues> {
  const evaluate = async (
    metric: Metric,
    indices: readonly number[],
    communicator?: ReturnType<typeof localRanks>[number],
  ) => {
    for (let start = 0; start < indices.length; start += 3) {
      const predictions = predict(indices.slice(start, start + 3));
      await metric.process(undefined, predictions);
      tf.dispose(predictions);
    }
    return metric.evaluate(size, communicator);
  };
  const alone = await evaluate(
    make(),
    Array.from({ length: size }, (_, i) => i),
  );
  const ranks = await Promise.all(
    localRanks(3).map((communicator) =>
      evaluate(
        make(),
        Array.from({ length: Math.ceil(size / 3) }, (_, i) => (i * 3 + communicator.rank) % size),
        communicator,
      ),
    ),
  );
  for (const values of ranks) expectValues(values, alone);
  return alone;
}

function expectValues(actual: MetricValues, expected: Readonly<Record<string, unknown>>): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) expectClose(actual[name], value, name);
}

function expectClose(actual: unknown, expected: unknown, name: string): void {
  if (Array.isArray(expected)) {
    expect(actual).toHaveLength(expected.length);
    expected.forEach((value, i) => expectClose((actual as unknown[])[i], value, `${name}[${i}]`));
  } else if (typeof expected === 'number') {
    const distance = Math.abs((actual as number) - expected);
    expect(distance, `${name}: ${String(actual)} for ${expected}`).toBeLessThanOrEqual(
      TOLERANCE * Math.max(1, Math.abs(expected)),
    );
  } else {
    expect(actual, name).toEqual(expected);
  }
}

const named = (prefix: string, suffix: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}${suffix}`, value]));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

describe('the same values as scikit-learn, on one rank and on three', () => {
  it.each(AVERAGES)('SingleLabelMetric, average %s', async (average) => {
    for (const { scores, labels, values, support } of golden.single) {
      const items = ['precision', 'recall', 'f1-score', 'support'] as const;
      const found = await valuesOf(
        () => new SingleLabelMetric({ average, items: [...items] }),
        rowsOf({ rows: scores }, { rows: labels, dtype: 'int32' }),
        labels.length,
      );
      const expected = { ...values[average], support: average === 'none' ? support : sum(support) };
      expectValues(found, named('single-label', SUFFIX[average], expected));
    }
  });

  it('ConfusionMatrix', async () => {
    for (const { scores, labels, confusion } of golden.single) {
      const predict = rowsOf({ rows: scores }, { rows: labels, dtype: 'int32' });
      const found = await valuesOf(() => new ConfusionMatrix(), predict, labels.length);
      expect(found).toEqual({ 'confusion_matrix/result': confusion });
    }
  });

  it.each(AVERAGES)('MultiLabelMetric, average %s', async (average) => {
    for (const { scores, targets, thr, values, top2 } of golden.multi) {
      const predict = rowsOf({ rows: scores }, { rows: targets });
      const byThreshold = await valuesOf(() => new MultiLabelMetric({ average, thr }), predict, targets.length);
      expectValues(byThreshold, named('multi-label', SUFFIX[average], values[average]));
      const byRank = await valuesOf(() => new MultiLabelMetric({ average, topk: 2 }), predict, targets.length);
      expectValues(byRank, named('multi-label', SUFFIX[average], top2[average]));
    }
  });

  it('AveragePrecision and ROCAUC', async () => {
    for (const { scores, targets, ap, auc } of golden.ranking) {
      const predict = rowsOf({ rows: scores }, { rows: targets });
      const size = targets.length;
      const values = (make: () => Metric): Promise<MetricValues> => valuesOf(make, predict, size);
      expectValues(await values(() => new AveragePrecision({ average: 'none' })), { 'multi-label/mAP_classwise': ap });
      expectValues(await values(() => new AveragePrecision()), { 'multi-label/mAP': mean(ap) });
      expectValues(await values(() => new ROCAUC({ average: 'none' })), { 'auc/roc_auc_classwise': auc });
      expectValues(await values(() => new ROCAUC()), { 'auc/roc_auc': mean(auc) });
    }
  });

  it('RegressionMetric', async () => {
    for (const { targets, predictions, mae, mse, rmse, r2 } of golden.regression) {
      const predict = rowsOf({ rows: predictions }, { rows: targets });
      const found = await valuesOf(() => new RegressionMetric(), predict, targets.length);
      expectValues(found, named('regression', '', { mae, mse, rmse, r2 }));
    }
  });

  it('IoUMetric', async () => {
    for (const { maps, labels, classes, present, aAcc, ...expected } of golden.segmentation) {
      const predict = rowsOf({ rows: maps, dtype: 'int32' }, { rows: labels, dtype: 'int32' });
      const classwise = (values: readonly number[]): (number | null)[] =>
        Array.from({ length: classes }, (_, c) =>
          present.includes(c) ? (values[present.indexOf(c)] as number) : null,
        );
      const found = await valuesOf(
        () => new IoUMetric({ iouMetrics: ['mIoU', 'mDice'], numClasses: classes, classwise: true }),
        predict,
        labels.length,
      );
      expectValues(found, {
        aAcc,
        mIoU: mean(expected.IoU),
        IoU_classwise: classwise(expected.IoU),
        mDice: mean(expected.Dice),
        Dice_classwise: classwise(expected.Dice),
        mAcc: mean(expected.Acc),
        Acc_classwise: classwise(expected.Acc),
      });
      const fscore = await valuesOf(
        () => new IoUMetric({ iouMetrics: ['mFscore'], numClasses: classes, beta: 2 }),
        predict,
        labels.length,
      );
      const { Fscore2, Precision, Acc } = expected;
      expectValues(fscore, {
        aAcc,
        mFscore: mean(Fscore2),
        mPrecision: mean(Precision),
        mRecall: mean(Acc),
        mAcc: mean(Acc),
      });
    }
  });
});
