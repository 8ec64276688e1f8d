import * as z from 'zod/mini';
import { type ClassCountSettings, classCountOptions, classCountValues, countsWidth } from './class-counts.js';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { type Guess, guessesOf } from './guesses.js';
import { StreamingMetric } from './streaming-metric.js';

const singleLabelOptions = z.strictObject(classCountOptions);
export interface SingleLabelMetricOptions extends z.input<typeof singleLabelOptions> {}

/**
 * Precision, recall, F1 and support of a classifier with one right class a sample, as `single-label/precision` and so on, in percent.
 *
 * Predictions: `[scores, labels]`, float32 `(N, C)` and int32 `(N)` tensors; the class of the highest score counts as predicted.
 * With `average: 'micro'` names end in `_micro`, with `'none'` they end in `_classwise` and values are lists.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE` from `process`; see {@link StreamingMetric} for `evaluate`
 */
export class SingleLabelMetric extends StreamingMetric<Guess> {
  static readonly entry = defineMetric<'SingleLabelMetric', typeof singleLabelOptions, SingleLabelMetricOptions>({
    name: 'SingleLabelMetric',
    options: singleLabelOptions,
    create: (options) => new SingleLabelMetric(options),
    module: '@engine/evaluator',
    doc: 'Precision, recall, F1 and support, one right class a sample.',
  });
  static override readonly defaultPrefix = 'single-label';
  readonly #settings: ClassCountSettings;

  constructor({ prefix, ...settings }: SingleLabelMetricOptions = {}) {
    super({ prefix });
    this.#settings = {
      items: settings.items ?? ['precision', 'recall', 'f1-score'],
      average: settings.average ?? 'macro',
    };
  }

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const { classes, guesses } = await guessesOf(predictions, 'SingleLabelMetric');
    for (const guess of guesses) this.add(guess, countsWidth(classes));
  }

  protected count(state: Float64Array, { predicted, label }: Guess): void {
    const classes = state.length / 3;
    const places = [classes + predicted, 2 * classes + label];
    if (predicted === label) places.push(label);
    for (const place of places) state[place] = (state[place] as number) + 1;
  }

  protected computeMetrics(state: Float64Array): MetricValues {
    return classCountValues(state, this.#settings);
  }
}

declare module '@engine/registry' {
  interface Metrics {
    SingleLabelMetric: typeof SingleLabelMetric;
  }
}
