import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { type ClassCountSettings, classCountOptions, classCountValues, countsWidth } from './class-counts.js';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { evaluatorErrors } from './errors.js';
import { predictionPair } from './predictions.js';
import { StreamingMetric } from './streaming-metric.js';

const multiLabelOptions = z.strictObject({
  ...classCountOptions,
  /** Classes of at least this score count as predicted. Default 0.5, unless `topk` is given. */
  thr: z.optional(z.number()),
  /** The k classes of highest score count as predicted, those of at least `thr` if both are given. */
  topk: z.optional(z.int().check(z.positive())),
});
export interface MultiLabelMetricOptions extends z.input<typeof multiLabelOptions> {}

interface Sample {
  readonly scores: Float32Array;
  readonly targets: ArrayLike<number>;
}

/**
 * Precision, recall, F1 and support of a classifier with any number of right classes a sample, as `multi-label/precision` and so on, in
 * percent.
 *
 * Predictions: `[scores, targets]`, both `(N, C)`; scores float32, targets 1 where a class is right, 0 where not and -1 where it is not
 * known (left out of every count). Names as {@link SingleLabelMetric} has them.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_TOPK_RANGE` from `process`; see {@link StreamingMetric} for `evaluate`
 */
export class MultiLabelMetric extends StreamingMetric<Sample> {
  static readonly entry = defineMetric<'MultiLabelMetric', typeof multiLabelOptions, MultiLabelMetricOptions>({
    name: 'MultiLabelMetric',
    options: multiLabelOptions,
    create: (options) => new MultiLabelMetric(options),
    module: '@engine/evaluator',
    doc: 'Precision, recall, F1 and support, any number of right classes a sample.',
  });
  static override readonly defaultPrefix = 'multi-label';
  readonly #settings: ClassCountSettings;
  readonly #thr: number;
  readonly #topk: number | undefined;

  constructor({ prefix, thr, topk, ...settings }: MultiLabelMetricOptions = {}) {
    super({ prefix });
    this.#settings = {
      items: settings.items ?? ['precision', 'recall', 'f1-score'],
      average: settings.average ?? 'macro',
    };
    this.#topk = topk;
    this.#thr = thr ?? (topk === undefined ? 0.5 : Number.NEGATIVE_INFINITY);
  }

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const { scores, targets } = scoresAndTargets(predictions, 'MultiLabelMetric');
    const classes = scores.shape[1];
    if (this.#topk !== undefined && this.#topk > classes) throw topkRange(this.#topk, classes);
    const [values, wanted] = await Promise.all([scores.data<'float32'>(), targets.data()]);
    for (let start = 0; start < values.length; start += classes) {
      const row = { scores: values.slice(start, start + classes), targets: wanted.slice(start, start + classes) };
      this.add(row, countsWidth(classes));
    }
  }

  protected count(state: Float64Array, { scores, targets }: Sample): void {
    const classes = scores.length;
    const isPredicted = this.#predicted(scores);
    for (let c = 0; c < classes; c++) {
      const target = targets[c] as number;
      if (target < 0) continue;
      const right = target > 0 ? 1 : 0;
      const predicted = isPredicted[c] ? 1 : 0;
      state[c] = (state[c] as number) + right * predicted;
      state[classes + c] = (state[classes + c] as number) + predicted;
      state[2 * classes + c] = (state[2 * classes + c] as number) + right;
    }
  }

  protected computeMetrics(state: Float64Array): MetricValues {
    return classCountValues(state, this.#settings);
  }

  #predicted(scores: Float32Array): readonly boolean[] {
    const best = this.#topk === undefined ? undefined : new Set(highest(scores, this.#topk));
    return Array.from(scores, (score, c) => score >= this.#thr && (best?.has(c) ?? true));
  }
}

/** `[scores, targets]`: float32 `(N, C)` and `(N, C)`. @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS` */
export function scoresAndTargets(
  predictions: unknown,
  subject: string,
): { readonly scores: tf.Tensor2D; readonly targets: tf.Tensor2D } {
  const [scores, targets] = predictionPair(predictions, {
    subject,
    expected: '[scores, targets]: tensors float32 (N, C) and (N, C)',
    fits: (first, second) =>
      first.rank === 2 && second.rank === 2 && first.shape.every((n, i) => n === second.shape[i]),
  });
  return { scores: scores as tf.Tensor2D, targets: targets as tf.Tensor2D };
}

/** Places of the k highest scores; among equal ones the lower class. */
function highest(scores: Float32Array, k: number): number[] {
  return Array.from(scores.keys())
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, k);
}

function topkRange(topk: number, classes: number): Error {
  return evaluatorErrors.TOPK_RANGE({
    subject: 'MultiLabelMetric',
    expected: `topk of at most ${classes}, the number of classes in scores (N, ${classes})`,
    received: `topk = ${topk}`,
    action: 'choose a smaller k',
  });
}

declare module '@engine/registry' {
  interface Metrics {
    MultiLabelMetric: typeof MultiLabelMetric;
  }
}
