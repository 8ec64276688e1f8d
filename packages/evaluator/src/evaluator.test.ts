import { cpu } from '@engine/backend-cpu';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Accuracy, BaseMetric, defineMetric, Evaluator, type MetricValues } from './index.js';
import { localRanks } from './testing/index.js';

beforeAll(() => cpu().init());

/** As a user writes one: a tensor made and left to the scope, a value awaited. */
class Sum extends BaseMetric<number> {
  order: string[] = [];
  async process(_batch: unknown, [values]: [tf.Tensor]): Promise<void> {
    this.results.push((await tf.sum(tf.mul(values, 2)).data())[0] as number);
  }
  computeMetrics(results: readonly number[]): MetricValues {
    return { sum: results.reduce((total, value) => total + value, 0) };
  }
}

class Fails extends BaseMetric<number> {
  process(): void {
    this.results.push(1);
  }
  computeMetrics(): never {
    throw new Error('cannot');
  }
}

describe('Evaluator', () => {
  it('shows each batch to all metrics and brings their values together in order', async () => {
    const evaluator = new Evaluator([new Sum({ prefix: 'b' }), new Sum({ prefix: 'a' })]);
    const predictions = [tf.tensor1d([1, 2])];
    await evaluator.process(undefined, predictions);
    await evaluator.process(undefined, predictions);
    const values = await evaluator.evaluate(10);
    expect(values).toEqual({ 'b/sum': 12, 'a/sum': 12 });
    expect(Object.keys(values)).toEqual(['b/sum', 'a/sum']);
    tf.dispose(predictions);
  });

  it('frees what metrics make, in their synchronous start', async () => {
    const evaluator = new Evaluator([new Sum(), new Sum({ prefix: 'again' })]);
    const predictions = [tf.tensor1d([1, 2])];
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) await evaluator.process(undefined, predictions);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(predictions);
  });

  it('takes a single metric', async () => {
    expect(await new Evaluator(new Sum()).evaluate(1)).toEqual({ sum: 0 });
  });

  it('passes the facts of the dataset on', () => {
    const metrics = [new Sum(), new Sum()];
    const evaluator = new Evaluator(metrics);
    expect(evaluator.datasetMeta).toBeUndefined();
    evaluator.datasetMeta = { classes: ['a'] };
    expect(evaluator.datasetMeta).toEqual({ classes: ['a'] });
    for (const metric of metrics) expect(metric.datasetMeta).toBe(evaluator.datasetMeta);
  });

  it('refuses two values of one name with ENGINE_EVALUATOR_DUPLICATE_NAME, where MMEngine raises too', async () => {
    await expect(new Evaluator([new Sum(), new Sum()]).evaluate(1)).rejects.toMatchObject({
      code: 'ENGINE_EVALUATOR_DUPLICATE_NAME',
      received: 'sum once more',
    });
  });

  it('evaluates the other metrics when one fails, so that all start empty again', async () => {
    const [failing, sum] = [new Fails(), new Sum()];
    const evaluator = new Evaluator([failing, sum]);
    const predictions = [tf.tensor1d([1])];
    await evaluator.process(undefined, predictions);
    tf.dispose(predictions);
    await expect(evaluator.evaluate(1)).rejects.toThrow('cannot');
    expect([failing.results, sum.results]).toEqual([[], []]);
  });

  it('passes on what a metric throws while it looks at a batch', async () => {
    await expect(new Evaluator(new Accuracy()).process(undefined, 3)).rejects.toMatchObject({
      code: 'ENGINE_EVALUATOR_BAD_PREDICTIONS',
    });
  });

  it('keeps several metrics in step over ranks, also when one of them fails', async () => {
    const values = await Promise.all(
      localRanks(2).map(async (communicator) => {
        const evaluator = new Evaluator([new Sum({ prefix: 'a' }), new Fails(), new Sum({ prefix: 'b' })]);
        return evaluator.evaluate(4, communicator).catch((error: Error) => error.message);
      }),
    );
    expect(values[0]).toBe('cannot');
    expect(values[1]).toContain('ENGINE_EVALUATOR_RANK_FAILED');
  });

  it('is built from a config: one metric or several, by name or built', async () => {
    const Answer = defineMetric({
      name: 'Answer',
      options: z.strictObject({ value: z.number() }),
      create: ({ value }) => ({
        prefix: undefined,
        datasetMeta: undefined,
        process: () => undefined,
        evaluate: async () => ({ answer: value }),
      }),
    });
    const registry = new Registry();
    registry.registerExports({ Accuracy, Evaluator, Answer });
    const one = registry.build('evaluator', { type: 'Evaluator', metrics: { type: 'Answer', value: 42 } });
    expect(await one.evaluate(1)).toEqual({ answer: 42 });
    const several = registry.build('evaluator', {
      type: 'Evaluator',
      metrics: [{ type: 'Answer', value: 1 }, new Sum()],
    });
    expect(await several.evaluate(1)).toEqual({ answer: 1, sum: 0 });
    expect(() =>
      registry.build(
        'evaluator',
        { type: 'Evaluator', metrics: [{ type: 'Accuracy', topK: 3 }] },
        { path: 'valEvaluator' },
      ),
    ).toThrow(expect.objectContaining({ subject: 'valEvaluator.metrics.0.topK' }));
  });
});
