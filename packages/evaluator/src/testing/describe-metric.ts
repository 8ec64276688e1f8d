import { type EntryLike, entryOf } from '@engine/core';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Metric, MetricValue, MetricValues } from '../contract.js';
import { Evaluator } from '../evaluator.js';
import { localRanks } from './local-ranks.js';

/** One batch as a metric sees it. */
export interface MetricBatch {
  readonly batch: unknown;
  readonly predictions: unknown;
}

export interface MetricCase {
  readonly options?: object;
  /** Makes the batches anew, an even number of them; the kit frees their tensors. */
  readonly batches: () => readonly MetricBatch[];
  /** Number of samples in all batches together. */
  readonly size: number;
}

/** The contract of a metric: an entry (or class carrying one) with options, or a function that makes it. Needs a backend that is ready. */
export function describeMetric(subject: EntryLike | (() => Metric), { options = {}, batches, size }: MetricCase): void {
  const make = (): Metric =>
    entryOf(subject) === undefined
      ? (subject as () => Metric)()
      : new Registry().build('metric', { type: subject as EntryLike, ...options });

  describe(`metric ${entryOf(subject)?.name ?? make().constructor.name}`, () => {
    it('gives named values that can be written down, under its prefix', async () => {
      const metric = make();
      await show(metric, batches());
      const values = await metric.evaluate(size);
      expect(JSON.parse(JSON.stringify(values))).toEqual(values);
      const { prefix } = metric;
      if (prefix !== undefined)
        for (const name of Object.keys(values)) expect(name.startsWith(`${prefix}/`)).toBe(true);
    });

    it('starts empty after an evaluation', async () => {
      const metric = make();
      await show(metric, batches());
      const first = await metric.evaluate(size);
      await show(metric, batches());
      expect(await metric.evaluate(size)).toEqual(first);
    });

    it('leaves no tensors behind', async () => {
      const before = tf.memory().numTensors;
      const metric = make();
      await show(metric, batches());
      await metric.evaluate(size);
      expect(tf.memory().numTensors).toBe(before);
    });

    it('does not free the tensors of the batch', async () => {
      const made = batches();
      const before = tf.memory().numTensors;
      const evaluator = new Evaluator(make());
      for (const { batch, predictions } of made) await evaluator.process(batch, predictions);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose(made as unknown as tf.TensorContainer);
    });

    it('gives the same values on two ranks as on one', async () => {
      const alone = make();
      await show(alone, batches());
      const expected = await alone.evaluate(size);
      const values = await Promise.all(
        localRanks(2).map(async (communicator) => {
          const metric = make();
          await show(metric, batches(), (i) => i % 2 === communicator.rank);
          return metric.evaluate(size, communicator);
        }),
      );
      expect(values[1]).toEqual(values[0]);
      expectClose(values[0] as MetricValues, expected);
    });
  });
}

async function show(
  metric: Metric,
  made: readonly MetricBatch[],
  mine: (i: number) => boolean = () => true,
): Promise<void> {
  const evaluator = new Evaluator(metric);
  try {
    for (const { batch, predictions } of made.filter((_, i) => mine(i))) await evaluator.process(batch, predictions);
  } finally {
    tf.dispose(made as unknown as tf.TensorContainer);
  }
}

/** Equal but for the order in which floating point sums were made. */
function expectClose(actual: MetricValue, expected: MetricValue): void {
  if (typeof expected === 'number' && Number.isFinite(expected)) {
    expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(actual as object)).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected))
      expectClose((actual as Record<string, MetricValue>)[key] as MetricValue, value);
  } else {
    expect(actual).toEqual(expected);
  }
}
