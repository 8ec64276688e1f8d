import { type Communicator, defineEntry, scopedStart, singleProcess } from '@engine/core';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import type { EvaluatorLike, Metric, MetricValue, MetricValues } from './contract.js';
import { evaluatorErrors } from './errors.js';
import { nameOf } from './name-of.js';
import { type OfflineOptions, offlineEvaluate } from './offline-evaluate.js';

const evaluatorOptions = z.strictObject({
  metrics: thing('metric'),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface EvaluatorOptions extends Omit<z.input<typeof evaluatorOptions>, 'metrics'> {
  readonly metrics: ConfigOf<'metric'> | readonly ConfigOf<'metric'>[];
}

/** Several metrics as one: each sees every batch, their values come together under their names. */
export class Evaluator implements EvaluatorLike {
  static readonly entry = defineEntry<'evaluator', 'Evaluator', typeof evaluatorOptions, EvaluatorOptions>(
    'evaluator',
    {
      name: 'Evaluator',
      options: evaluatorOptions,
      create: ({ metrics }, ctx) =>
        new Evaluator(
          Array.isArray(metrics)
            ? metrics.map((metric: unknown, i) => ctx.build('metric', metric, { key: `metrics.${i}` }))
            : ctx.build('metric', metrics, { key: 'metrics' }),
        ),
      module: '@engine/evaluator',
      doc: 'Several metrics as one.',
    },
  );
  readonly metrics: readonly Metric[];
  #datasetMeta: Readonly<Record<string, unknown>> | undefined;

  constructor(metrics: Metric | readonly Metric[]) {
    this.metrics = Array.isArray(metrics) ? [...(metrics as readonly Metric[])] : [metrics as Metric];
  }

  /** Set once the dataset is known; passed on to every metric. */
  get datasetMeta(): Readonly<Record<string, unknown>> | undefined {
    return this.#datasetMeta;
  }

  set datasetMeta(meta: Readonly<Record<string, unknown>> | undefined) {
    this.#datasetMeta = meta;
    for (const metric of this.metrics) metric.datasetMeta = meta;
  }

  /** Shows a batch to every metric, one after the other; the synchronous start of each has a tensor scope of its own. */
  async process(batch: unknown, predictions: unknown): Promise<void> {
    for (const metric of this.metrics) await scopedStart(() => metric.process(batch, predictions));
  }

  /**
   * The values of all metrics, the same on every rank. When one fails the others are evaluated all the same, so that all start empty again.
   * @throws `ENGINE_EVALUATOR_DUPLICATE_NAME`, and what the metrics throw (the first)
   */
  async evaluate(size: number, communicator: Communicator = singleProcess): Promise<MetricValues> {
    const values = new Map<string, MetricValue>();
    const failures: unknown[] = [];
    for (const metric of this.metrics) {
      try {
        for (const [name, value] of Object.entries(await metric.evaluate(size, communicator))) {
          if (values.has(name)) failures.push(duplicate(name, metric));
          values.set(name, value);
        }
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return Object.fromEntries(values);
  }

  /** Evaluates predictions that were made before: see {@link offlineEvaluate}. */
  offlineEvaluate<D>(
    samples: Iterable<unknown> | AsyncIterable<unknown>,
    options: OfflineOptions<D> = {},
  ): Promise<MetricValues> {
    return offlineEvaluate(this, samples, options);
  }
}

function duplicate(name: string, metric: Metric): Error {
  return evaluatorErrors.DUPLICATE_NAME({
    subject: nameOf(metric),
    expected: 'a name that no other metric of the evaluator gives',
    received: `${name} once more`,
    action: 'give one of the metrics a prefix of its own: { type: Accuracy, prefix: ... }',
  });
}

declare module '@engine/registry' {
  interface Evaluators {
    Evaluator: typeof Evaluator;
  }
}
