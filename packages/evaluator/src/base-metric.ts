import { type Communicator, singleProcess } from '@engine/core';
import { collectResults, onRankZero } from './collect-results.js';
import type { Metric, MetricValues } from './contract.js';
import { nameOf } from './name-of.js';
import { checkSize, namedValues } from './named-values.js';
import { PrefixedMetric, type PrefixOptions } from './prefixed.js';

export interface BaseMetricOptions extends PrefixOptions {}

/**
 * A metric in two steps: `process` pushes what it needs of a batch to `results`; `computeMetrics` makes named values of all of them, once.
 *
 * Keep results small and plain (numbers, strings, lists, objects): they are sent between ranks. With one result a sample, in the order of
 * the batch, samples that a sampler repeated to fill up the ranks count once.
 */
export abstract class BaseMetric<R = unknown> extends PrefixedMetric implements Metric {
  /** What `process` has collected since the last evaluation. */
  readonly results: R[] = [];

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
    return onRankZero(async () => namedValues(await this.computeMetrics(all), { subject, prefix: this.prefix }), {
      communicator,
      subject,
    });
  }
}
