import { type Communicator, singleProcess } from '@engine/core';
import { collectResults, onRankZero } from './collect-results.js';
import type { Metric, MetricValues } from './contract.js';
import { evaluatorErrors } from './errors.js';
import { nameOf } from './name-of.js';

export interface BaseMetricOptions {
  /** Put before every name as `prefix/name`. Default: the class's `defaultPrefix`. */
  readonly prefix?: string | undefined;
}

/**
 * A metric in two steps: `process` pushes what it needs of a batch to `results`; `computeMetrics` makes named values of all of them, once.
 *
 * Keep results small and plain (numbers, strings, lists, objects): they are sent between ranks. With one result a sample, in the order of
 * the batch, samples that a sampler repeated to fill up the ranks count once.
 */
export abstract class BaseMetric<R = unknown> implements Metric {
  /** What goes before the names of this class's values, unless the `prefix` option says otherwise. */
  static readonly defaultPrefix: string | undefined = undefined;

  datasetMeta: Readonly<Record<string, unknown>> | undefined;
  /** What `process` has collected since the last evaluation. */
  readonly results: R[] = [];
  readonly #prefix: string | undefined;

  constructor(options: BaseMetricOptions = {}) {
    this.#prefix = options.prefix;
  }

  get prefix(): string | undefined {
    return this.#prefix || (this.constructor as typeof BaseMetric).defaultPrefix || undefined;
  }

  /** Called for each batch with the host batch and the model's predictions; pushes to `results`. */
  abstract process(batch: unknown, predictions: unknown): void | Promise<void>;

  /** Called once an evaluation, on rank 0, with the results of all ranks. */
  abstract computeMetrics(results: readonly R[]): MetricValues | Promise<MetricValues>;

  /**
   * Named values over all ranks, the same on each; `results` are empty afterwards, also after a failure.
   * @throws `ENGINE_EVALUATOR_BAD_SIZE`, `ENGINE_EVALUATOR_BAD_VALUES`, `ENGINE_EVALUATOR_NOT_SERIALIZABLE`, `ENGINE_EVALUATOR_RANK_FAILED`,
   * and what `computeMetrics` throws
   */
  async evaluate(size: number, communicator: Communicator = singleProcess): Promise<MetricValues> {
    const results = this.results.splice(0);
    checkSize(size);
    const subject = nameOf(this);
    const all = await collectResults(results, size, { communicator, subject });
    return onRankZero(async () => this.#named(await this.computeMetrics(all)), { communicator, subject });
  }

  #named(values: MetricValues): MetricValues {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw evaluatorErrors.BAD_VALUES({
        subject: nameOf(this),
        expected: 'an object of named values',
        received: `computeMetrics() = ${Array.isArray(values) ? 'a list' : String(values)}`,
        action: 'return an object such as { accuracy: 98.7 } from computeMetrics()',
      });
    }
    const { prefix } = this;
    return prefix === undefined
      ? values
      : Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
  }
}

function checkSize(size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return;
  throw evaluatorErrors.BAD_SIZE({
    expected: 'the number of samples of the dataset',
    received: `size = ${size}`,
    action: 'pass dataset.length',
  });
}
