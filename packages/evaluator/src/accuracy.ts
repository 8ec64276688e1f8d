import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseMetric } from './base-metric.js';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { evaluatorErrors } from './errors.js';
import { labelRanks } from './label-ranks.js';

const count = z.int().check(z.positive());

const accuracyOptions = z.strictObject({
  topk: z._default(z.union([count, z.array(count).check(z.minLength(1))]), 1),
  prefix: z.optional(z.string()),
});
export interface AccuracyOptions extends z.input<typeof accuracyOptions> {}

/**
 * Percentage of samples whose label is among the k classes of highest score, as `accuracy/top<k>` from 0 to 100.
 *
 * Predictions: `[scores, labels]`, float32 `(N, C)` and int32 `(N)` tensors, as a classifier's `forward` returns them in mode 'predict'.
 * `topk`: one k or several (default 1). One small read from the device a batch; keeps one small integer a sample.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE`, `ENGINE_EVALUATOR_TOPK_RANGE` from `process`, `ENGINE_EVALUATOR_NO_RESULTS` from `evaluate`
 */
export class Accuracy extends BaseMetric<number> {
  static readonly entry = defineMetric<'Accuracy', typeof accuracyOptions, AccuracyOptions>({
    name: 'Accuracy',
    options: accuracyOptions,
    create: (options) => new Accuracy(options),
    module: '@engine/evaluator',
    doc: 'Percentage of samples whose label is among the k best classes.',
  });
  static override readonly defaultPrefix = 'accuracy';
  readonly #topk: readonly number[];

  constructor({ topk = 1, prefix }: AccuracyOptions = {}) {
    super({ prefix });
    this.#topk = typeof topk === 'number' ? [topk] : [...topk];
  }

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const { scores, labels } = checkPredictions(predictions);
    this.#checkTopk(scores.shape[1]);
    const ranks = labelRanks(scores, labels);
    let values: Float32Array;
    try {
      values = await ranks.data<'float32'>();
    } finally {
      ranks.dispose();
    }
    const wrong = values.indexOf(-1);
    if (wrong >= 0) throw notAClass((await labels.data())[wrong] as number, { at: wrong, classes: scores.shape[1] });
    for (const value of values) this.results.push(value);
  }

  computeMetrics(results: readonly number[]): MetricValues {
    if (results.length === 0) {
      throw evaluatorErrors.NO_RESULTS({
        subject: 'Accuracy',
        expected: 'at least one batch before evaluate()',
        received: 'none',
        action: 'check that the data loader of this evaluation yields batches',
      });
    }
    return Object.fromEntries(
      this.#topk.map((k) => [`top${k}`, (100 * results.filter((rank) => rank < k).length) / results.length]),
    );
  }

  #checkTopk(classes: number): void {
    const largest = Math.max(...this.#topk);
    if (largest <= classes) return;
    throw evaluatorErrors.TOPK_RANGE({
      subject: 'Accuracy',
      expected: `topk of at most ${classes}, the number of classes in scores (N, ${classes})`,
      received: `topk = ${this.#topk.join(', ')}`,
      action: 'choose a smaller k: among all classes every label is found',
    });
  }
}

function checkPredictions(predictions: unknown): { scores: tf.Tensor2D; labels: tf.Tensor1D } {
  const [scores, labels] = Array.isArray(predictions) ? (predictions as unknown[]) : [];
  const fits =
    isTensor(scores) &&
    isTensor(labels) &&
    scores.rank === 2 &&
    labels.rank === 1 &&
    scores.shape[0] === labels.shape[0] &&
    labels.dtype === 'int32';
  if (fits) return { scores: scores as tf.Tensor2D, labels: labels as tf.Tensor1D };
  throw evaluatorErrors.BAD_PREDICTIONS({
    subject: 'Accuracy',
    expected: '[scores, labels]: tensors float32 (N, C) and int32 (N)',
    received: Array.isArray(predictions) ? `[${predictions.map(show).join(', ')}]` : show(predictions),
    action: "return [scores, labels] from the model's forward() in mode 'predict'",
  });
}

function isTensor(value: unknown): value is tf.Tensor {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

function show(value: unknown): string {
  if (isTensor(value)) return `${value.dtype} (${value.shape.join(', ')})`;
  return value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}

function notAClass(label: number, { at, classes }: { at: number; classes: number }): Error {
  return evaluatorErrors.LABEL_RANGE({
    subject: 'Accuracy',
    expected: `labels from 0 to ${classes - 1}, as scores have ${classes} classes`,
    received: `label = ${label} in place ${at} of the batch`,
    action: 'check the labels of the dataset and the number of classes of the model',
  });
}

declare module '@engine/registry' {
  interface Metrics {
    Accuracy: typeof Accuracy;
  }
}
