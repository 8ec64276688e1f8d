import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseMetric } from './base-metric.js';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { nameOf } from './name-of.js';
import { noResults, predictionPair, requireClasses } from './predictions.js';
import { averagePrecision, meanOfNumbers, type Ranked, rocAuc } from './ranking.js';

const rankingOptions = z.strictObject({
  /** `macro`: the mean over the classes that have samples to tell apart. `none`: a list with one value a class, null where there are none. */
  average: z._default(z.enum(['macro', 'none']), 'macro'),
  prefix: z.optional(z.string()),
});
export interface RankingMetricOptions extends z.input<typeof rankingOptions> {}

/** Scores of one sample and, for each, whether it is right (1), wrong (0) or not known (negative). */
interface Row {
  readonly scores: readonly number[];
  readonly targets: readonly number[];
}

/** A value for each class that depends on the order of its scores only, in percent. Keeps all scores. */
abstract class RankingMetric extends BaseMetric<Row> {
  protected abstract readonly valueName: string;
  readonly #average: 'macro' | 'none';

  constructor({ average = 'macro', prefix }: RankingMetricOptions = {}) {
    super({ prefix });
    this.#average = average;
  }

  /** From 0 to 1, or NaN where the class has nothing to tell apart. */
  protected abstract areaUnder(ranked: readonly Ranked[]): number;

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    this.results.push(...(await rowsOf(predictions, nameOf(this))));
  }

  computeMetrics(results: readonly Row[]): MetricValues {
    const [first] = results;
    if (first === undefined) throw noResults(nameOf(this));
    const values = first.scores.map((_, c) => 100 * this.areaUnder(rankedFor(c, results)));
    return this.#average === 'none'
      ? { [`${this.valueName}_classwise`]: values.map((value) => (Number.isNaN(value) ? null : value)) }
      : { [this.valueName]: meanOfNumbers(values) };
  }
}

/**
 * Average precision of the ranking of each class, as `multi-label/mAP` in percent.
 *
 * Predictions: `[scores, targets]`, scores float32 `(N, C)` and targets int32 `(N)` (the right class) or `(N, C)` (1 right, 0 wrong,
 * -1 not known); or both `(N)` for one class. Classes without a right sample are left out of the mean.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE` from `process`, `ENGINE_EVALUATOR_NO_RESULTS` from `evaluate`
 */
export class AveragePrecision extends RankingMetric {
  static readonly entry = defineMetric<'AveragePrecision', typeof rankingOptions, RankingMetricOptions>({
    name: 'AveragePrecision',
    options: rankingOptions,
    create: (options) => new AveragePrecision(options),
    module: '@engine/evaluator',
    doc: 'Average precision of each class and its mean.',
  });
  static override readonly defaultPrefix = 'multi-label';
  protected readonly valueName = 'mAP';

  protected areaUnder(ranked: readonly Ranked[]): number {
    return averagePrecision(ranked);
  }
}

/**
 * Area under the ROC curve of each class against the others, as `auc/roc_auc` in percent.
 *
 * Predictions as {@link AveragePrecision} has them. Classes without a right or without a wrong sample are left out of the mean.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE` from `process`, `ENGINE_EVALUATOR_NO_RESULTS` from `evaluate`
 */
export class ROCAUC extends RankingMetric {
  static readonly entry = defineMetric<'ROCAUC', typeof rankingOptions, RankingMetricOptions>({
    name: 'ROCAUC',
    options: rankingOptions,
    create: (options) => new ROCAUC(options),
    module: '@engine/evaluator',
    doc: 'Area under the ROC curve of each class against the others, and its mean.',
  });
  static override readonly defaultPrefix = 'auc';
  protected readonly valueName = 'roc_auc';

  protected areaUnder(ranked: readonly Ranked[]): number {
    return rocAuc(ranked);
  }
}

function rankedFor(c: number, rows: readonly Row[]): Ranked[] {
  return rows.flatMap(({ scores, targets }) => {
    const target = targets[c] as number;
    return target < 0 ? [] : [{ score: scores[c] as number, positive: target > 0 }];
  });
}

async function rowsOf(predictions: unknown, subject: string): Promise<Row[]> {
  const [scores, targets] = predictionPair(predictions, {
    subject,
    expected: '[scores, targets]: tensors float32 (N, C) with (N) or (N, C), or (N) with (N)',
    fits: (first, second) =>
      first.shape[0] === second.shape[0] &&
      ((first.rank === 2 && (second.rank === 1 || second.shape[1] === first.shape[1])) ||
        (first.rank === 1 && second.rank === 1)),
  });
  const [values, wanted] = await Promise.all([scores.data(), targets.data()]);
  const classes = scores.rank === 1 ? 1 : (scores.shape[1] as number);
  const labels = isLabels(scores, targets);
  if (labels) requireClasses(wanted, { subject, classes });
  return Array.from({ length: scores.shape[0] as number }, (_, i) => ({
    scores: Array.from(values.slice(i * classes, (i + 1) * classes)),
    targets: labels
      ? Array.from(Array(classes).keys(), (c) => Number(wanted[i] === c))
      : Array.from(wanted.slice(i * classes, (i + 1) * classes)),
  }));
}

const isLabels = (scores: tf.Tensor, targets: tf.Tensor): boolean => scores.rank === 2 && targets.rank === 1;

declare module '@engine/registry' {
  interface Metrics {
    AveragePrecision: typeof AveragePrecision;
    ROCAUC: typeof ROCAUC;
  }
}
