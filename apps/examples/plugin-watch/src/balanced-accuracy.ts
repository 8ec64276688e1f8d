import { BaseMetric, defineMetric, type MetricValues } from '@engine/evaluator';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const balancedAccuracyOptions = z.strictObject({ prefix: z.optional(z.string()) });
export interface BalancedAccuracyOptions extends z.input<typeof balancedAccuracyOptions> {}

/** Mean over the classes of the percentage found, as `balanced/accuracy`. Predictions: `[scores (N, C), labels int32 (N)]`. */
class BalancedAccuracyMetric extends BaseMetric<readonly [label: number, found: number]> {
  static override readonly defaultPrefix = 'balanced';

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const [scores, labels] = predictions as [tf.Tensor2D, tf.Tensor1D];
    const guesses = tf.tidy(() => tf.argMax(scores, -1));
    const [found, wanted] = await Promise.all([guesses.data(), labels.data()]);
    guesses.dispose();
    for (const [i, label] of [...wanted].entries()) this.results.push([label, found[i] === label ? 1 : 0]);
  }

  computeMetrics(results: readonly (readonly [number, number])[]): MetricValues {
    const classes = new Map<number, number[]>();
    for (const [label, found] of results) classes.set(label, [...(classes.get(label) ?? []), found]);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return { accuracy: 100 * mean([...classes.values()].map(mean)) };
  }
}

export const BalancedAccuracy = defineMetric<
  'BalancedAccuracy',
  typeof balancedAccuracyOptions,
  BalancedAccuracyOptions
>({
  name: 'BalancedAccuracy',
  options: balancedAccuracyOptions,
  create: (options) => new BalancedAccuracyMetric(options),
  module: 'engine-plugin-watch',
  doc: 'Mean over the classes of the percentage found.',
});

declare module '@engine/registry' {
  interface Metrics {
    BalancedAccuracy: typeof BalancedAccuracy;
  }
}
