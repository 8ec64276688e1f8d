import * as z from 'zod/mini';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { evaluatorErrors } from './errors.js';
import { labelRanks } from './label-ranks.js';
import { notAClass, scoresAndLabels } from './predictions.js';
import { StreamingMetric } from './streaming-metric.js';

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
 * `topk`: one k or several (default 1). One small read from the device a batch; keeps a few counts.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE`, `ENGINE_EVALUATOR_TOPK_RANGE` from `process`; see {@link StreamingMetric} for `evaluate`
 */
export class Accuracy extends StreamingMetric<number> {
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
    const { scores, labels } = scoresAndLabels(predictions, 'Accuracy');
    this.#checkTopk(scores.shape[1]);
    const ranks = labelRanks(scores, labels);
    let values: Float32Array;
    try {
      values = await ranks.data<'float32'>();
    } finally {
      ranks.dispose();
    }
    const at = values.indexOf(-1);
    if (at >= 0) {
      const label = (await labels.data())[at] as number;
      throw notAClass(label, { subject: 'Accuracy', at, classes: scores.shape[1] });
    }
    for (const value of values) this.add(value, this.#topk.length + 1);
  }

  protected count(state: Float64Array, rank: number): void {
    state[0] = (state[0] as number) + 1;
    this.#topk.forEach((k, i) => {
      if (rank < k) state[i + 1] = (state[i + 1] as number) + 1;
    });
  }

  protected computeMetrics([samples, ...hits]: Float64Array): MetricValues {
    return Object.fromEntries(this.#topk.map((k, i) => [`top${k}`, (100 * (hits[i] as number)) / (samples as number)]));
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

declare module '@engine/registry' {
  interface Metrics {
    Accuracy: typeof Accuracy;
  }
}
