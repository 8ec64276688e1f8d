import { type Communicator, singleProcess } from '@engine/core';
import type { Metric, MetricValues } from './contract.js';
import { evaluatorErrors } from './errors.js';
import { nameOf } from './name-of.js';
import { checkSize, namedValues } from './named-values.js';
import { noResults } from './predictions.js';
import { PrefixedMetric } from './prefixed.js';

/**
 * A metric that keeps a few running numbers instead of a result a sample, so its memory does not grow with the dataset.
 *
 * `process` calls `add` once a sample, in the order of the batch; `count` puts a sample into the running numbers; `computeMetrics`
 * makes named values of those of all ranks, on every rank alike.
 *
 * A sampler that rounds up repeats samples so that every rank has as many. They are a rank's last one at the most, so the last
 * sample is held back until the evaluation knows the size of the dataset, and repeated ones count once as in `BaseMetric`.
 */
export abstract class StreamingMetric<S> extends PrefixedMetric implements Metric {
  #state: Float64Array | undefined;
  #last: { readonly sample: S; readonly width: number } | undefined;
  #seen = 0;

  /** Called for each batch with the host batch and the model's predictions; calls `add` for each sample. */
  abstract process(batch: unknown, predictions: unknown): void | Promise<void>;

  /** Called once a sample with the running numbers, zero at first, to be changed in place. */
  protected abstract count(state: Float64Array, sample: S): void;

  /** Called once an evaluation with the running numbers of all ranks together. */
  protected abstract computeMetrics(state: Float64Array): MetricValues;

  /** Called with the running numbers of one rank after the other, to add `other` to `state`. Default: the sums. */
  protected merge(state: Float64Array, other: Float64Array): void {
    for (let i = 0; i < state.length; i++) state[i] = (state[i] as number) + (other[i] as number);
  }

  /**
   * `width`: how many running numbers there are, the same for every sample.
   * @throws `ENGINE_EVALUATOR_CLASS_COUNT`
   */
  protected add(sample: S, width: number): void {
    if (this.#last !== undefined) {
      if (this.#last.width !== width) throw widthChanged(nameOf(this), this.#last.width, width);
      this.#count(this.#last);
    }
    this.#last = { sample, width };
    this.#seen++;
  }

  /**
   * Named values over all ranks, the same on each; the metric is empty afterwards, also after a failure.
   * @throws `ENGINE_EVALUATOR_BAD_SIZE`, `ENGINE_EVALUATOR_NO_RESULTS`, `ENGINE_EVALUATOR_CLASS_COUNT`
   */
  async evaluate(size: number, communicator: Communicator = singleProcess): Promise<MetricValues> {
    const own = this.#take(size, communicator);
    checkSize(size);
    const subject = nameOf(this);
    const parts = (await communicator.allGather(own)).filter((part) => part.length > 0);
    const [first, ...others] = parts;
    if (first === undefined) throw noResults(subject);
    const state = Float64Array.from(first);
    for (const other of others) {
      if (other.length !== state.length) throw widthChanged(subject, state.length, other.length);
      this.merge(state, other);
    }
    return namedValues(this.computeMetrics(state), { subject, prefix: this.prefix });
  }

  #take(size: number, { rank, size: ranks }: Communicator): Float64Array {
    const [last, seen] = [this.#last, this.#seen];
    const repeated = (seen - 1) * ranks + rank >= size;
    if (last !== undefined && !repeated) this.#count(last);
    const own = this.#state ?? new Float64Array(0);
    this.#state = undefined;
    this.#last = undefined;
    this.#seen = 0;
    return own;
  }

  #count({ sample, width }: { readonly sample: S; readonly width: number }): void {
    this.#state ??= new Float64Array(width);
    this.count(this.#state, sample);
  }
}

function widthChanged(subject: string, before: number, now: number): Error {
  return evaluatorErrors.CLASS_COUNT({
    subject,
    expected: 'the same number of classes or outputs in every batch and on every rank',
    received: `${before} running numbers before, ${now} now`,
    action: 'check that the model predicts the same number of classes or outputs for every batch',
  });
}
