import * as z from 'zod/mini';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { predictionPair } from './predictions.js';
import { StreamingMetric } from './streaming-metric.js';

const ITEMS = ['mae', 'mse', 'rmse', 'r2'] as const;

const regressionOptions = z.strictObject({
  /** What to give. Default: all. */
  items: z._default(z.array(z.enum(ITEMS)).check(z.minLength(1)), [...ITEMS]),
  prefix: z.optional(z.string()),
});
export interface RegressionMetricOptions extends z.input<typeof regressionOptions> {}

interface Sample {
  readonly predicted: ArrayLike<number>;
  readonly target: ArrayLike<number>;
}

/** Running numbers of each output, in this order: samples, sums of |error| and error squared, mean of targets, their summed squared distance from it. */
const FIELDS = 5;

/**
 * Mean absolute and squared error, its root, and R2 of numbers, as `regression/mae` and so on.
 *
 * Predictions: `[predictions, targets]`, float32 tensors of one shape `(N, ...)`. Errors are means over samples and outputs; `r2`, in the
 * textbook form 1 - residual / total sum of squares, is the mean over outputs, null for an output whose targets never vary (and left out
 * of the mean). Means of targets are kept by Welford's rule and merged by Chan's, so large offsets do no harm.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS` from `process`; see {@link StreamingMetric} for `evaluate`
 */
export class RegressionMetric extends StreamingMetric<Sample> {
  static readonly entry = defineMetric<'RegressionMetric', typeof regressionOptions, RegressionMetricOptions>({
    name: 'RegressionMetric',
    options: regressionOptions,
    create: (options) => new RegressionMetric(options),
    module: '@engine/evaluator',
    doc: 'Mean absolute and squared error, its root, and R2.',
  });
  static override readonly defaultPrefix = 'regression';
  readonly #items: readonly (typeof ITEMS)[number][];

  constructor({
    items = ITEMS,
    prefix,
  }: Omit<RegressionMetricOptions, 'items'> & { readonly items?: readonly (typeof ITEMS)[number][] } = {}) {
    super({ prefix });
    this.#items = items;
  }

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const [predicted, targets] = predictionPair(predictions, {
      subject: 'RegressionMetric',
      expected: '[predictions, targets]: tensors of one shape (N, ...)',
      fits: (first, second) =>
        first.rank > 0 && first.rank === second.rank && first.shape.every((n, i) => n === second.shape[i]),
    });
    const [values, wanted] = await Promise.all([predicted.data(), targets.data()]);
    const outputs = values.length / Math.max(1, predicted.shape[0] as number);
    for (let start = 0; start < values.length; start += outputs) {
      const sample = { predicted: values.slice(start, start + outputs), target: wanted.slice(start, start + outputs) };
      this.add(sample, FIELDS * outputs);
    }
  }

  protected count(state: Float64Array, { predicted, target }: Sample): void {
    for (let i = 0; i < target.length; i++) {
      const [value, error] = [target[i] as number, (predicted[i] as number) - (target[i] as number)];
      this.#mergeOutput(state.subarray(i * FIELDS, (i + 1) * FIELDS), [1, Math.abs(error), error * error, value, 0]);
    }
  }

  protected override merge(state: Float64Array, other: Float64Array): void {
    for (let at = 0; at < state.length; at += FIELDS)
      this.#mergeOutput(state.subarray(at, at + FIELDS), other.subarray(at, at + FIELDS));
  }

  protected computeMetrics(state: Float64Array): MetricValues {
    const outputs = Array.from({ length: state.length / FIELDS }, (_, i) =>
      state.subarray(i * FIELDS, (i + 1) * FIELDS),
    );
    const mean = (of: (output: Float64Array) => number): number =>
      outputs.reduce((sum, output) => sum + of(output), 0) / outputs.length;
    const mse = mean(([n, , squared]) => (squared as number) / (n as number));
    const r2 = outputs.flatMap(([, , squared, , total]) =>
      total === 0 ? [] : [1 - (squared as number) / (total as number)],
    );
    const all = {
      mae: mean(([n, absolute]) => (absolute as number) / (n as number)),
      mse,
      rmse: Math.sqrt(mse),
      r2: r2.length === 0 ? null : r2.reduce((sum, value) => sum + value, 0) / r2.length,
    };
    return Object.fromEntries(this.#items.map((item) => [item, all[item]]));
  }

  /** Chan, Golub and LeVeque (1979), equation 1.5. */
  #mergeOutput(state: Float64Array, other: ArrayLike<number>): void {
    const [n, , , mean] = state as unknown as [number, number, number, number];
    const [m, absolute, squared, otherMean, spread] = Array.from(other) as [number, number, number, number, number];
    const distance = otherMean - mean;
    state[0] = n + m;
    state[1] = (state[1] as number) + absolute;
    state[2] = (state[2] as number) + squared;
    state[3] = mean + (distance * m) / (n + m);
    state[4] = (state[4] as number) + spread + (distance * distance * n * m) / (n + m);
  }
}

declare module '@engine/registry' {
  interface Metrics {
    RegressionMetric: typeof RegressionMetric;
  }
}
