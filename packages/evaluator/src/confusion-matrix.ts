import * as z from 'zod/mini';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { type Guess, guessesOf } from './guesses.js';
import { StreamingMetric } from './streaming-metric.js';

const confusionMatrixOptions = z.strictObject({ prefix: z.optional(z.string()) });
export interface ConfusionMatrixOptions extends z.input<typeof confusionMatrixOptions> {}

/**
 * How often each class was taken for each, as `confusion_matrix/result`: a list with a row for each right class and a column for each
 * predicted one.
 *
 * Predictions: `[scores, labels]`, float32 `(N, C)` and int32 `(N)` tensors. Keeps C x C counts.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE` from `process`; see {@link StreamingMetric} for `evaluate`
 */
export class ConfusionMatrix extends StreamingMetric<Guess> {
  static readonly entry = defineMetric<'ConfusionMatrix', typeof confusionMatrixOptions, ConfusionMatrixOptions>({
    name: 'ConfusionMatrix',
    options: confusionMatrixOptions,
    create: (options) => new ConfusionMatrix(options),
    module: '@engine/evaluator',
    doc: 'How often each class was taken for each.',
  });
  static override readonly defaultPrefix = 'confusion_matrix';

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const { classes, guesses } = await guessesOf(predictions, 'ConfusionMatrix');
    for (const guess of guesses) this.add(guess, classes * classes);
  }

  protected count(state: Float64Array, { predicted, label }: Guess): void {
    const place = label * Math.sqrt(state.length) + predicted;
    state[place] = (state[place] as number) + 1;
  }

  protected computeMetrics(state: Float64Array): MetricValues {
    const classes = Math.sqrt(state.length);
    return {
      result: Array.from({ length: classes }, (_, row) =>
        Array.from(state.subarray(row * classes, (row + 1) * classes)),
      ),
    };
  }
}

declare module '@engine/registry' {
  interface Metrics {
    ConfusionMatrix: typeof ConfusionMatrix;
  }
}
