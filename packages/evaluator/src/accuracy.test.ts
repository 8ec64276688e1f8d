import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import type { EngineError } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Accuracy } from './accuracy.js';
import { Evaluator } from './evaluator.js';
import { describeMetric, localRanks } from './testing/index.js';

beforeAll(() => cpu().init());

interface GoldenCase {
  readonly id: string;
  readonly world_size: number;
  readonly dataset_size: number;
  readonly batch_size: number;
  readonly topk: number[];
  readonly samples: readonly { readonly scores: number[]; readonly label: number }[];
  readonly rank_indices: readonly (readonly number[])[];
  readonly ranks: readonly { readonly metrics: Readonly<Record<string, number>> }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/metrics.json', import.meta.url), 'utf8'),
) as {
  multi_rank: readonly GoldenCase[];
};

const batchOf = (scores: number[][], labels: number[]) => ({
  batch: undefined,
  predictions: [tf.tensor2d(scores), tf.tensor1d(labels, 'int32')],
});

/** Shows one batch and frees it. */
async function process(metric: Accuracy, scores: number[][], labels: number[]): Promise<void> {
  const { batch, predictions } = batchOf(scores, labels);
  try {
    await new Evaluator(metric).process(batch, predictions);
  } finally {
    tf.dispose(predictions);
  }
}

async function accuracyOf(scores: number[][], labels: number[], topk?: number | number[]): Promise<unknown> {
  const metric = new Accuracy(topk === undefined ? {} : { topk });
  await process(metric, scores, labels);
  return metric.evaluate(labels.length);
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing thrown',
    (error: EngineError) => error.code,
  );

describeMetric(Accuracy, {
  options: { topk: [1, 2] },
  size: 5,
  batches: () => [
    batchOf(
      [
        [1, 2, 3],
        [3, 2, 1],
        [0, 0, 1],
      ],
      [2, 1, 0],
    ),
    batchOf(
      [
        [5, 2, 1],
        [0, 1, 0],
      ],
      [0, 1],
    ),
  ],
});

describe('Accuracy', () => {
  it('is what MMEngine computes in groups of 1, 2 and 3 processes', async () => {
    expect(golden.multi_rank).toHaveLength(12);
    for (const sample of golden.multi_rank) {
      const values = await Promise.all(
        localRanks(sample.world_size).map(async (communicator) => {
          const metric = new Accuracy({ topk: sample.topk, prefix: 'acc' });
          const mine = sample.rank_indices[communicator.rank] ?? [];
          for (let start = 0; start < mine.length; start += sample.batch_size) {
            const rows = mine
              .slice(start, start + sample.batch_size)
              .map((index) => sample.samples[index] as GoldenCase['samples'][number]);
            await process(
              metric,
              rows.map((row) => row.scores),
              rows.map((row) => row.label),
            );
          }
          const found = await metric.evaluate(sample.dataset_size, communicator);
          return found;
        }),
      );
      values.forEach((found, rank) => {
        for (const [name, value] of Object.entries(found)) {
          const expected = sample.ranks[rank]?.metrics[name] ?? Number.NaN;
          expect(Math.abs((value as number) - expected), `${sample.id} ${name}: ${value} for ${expected}`).toBeLessThan(
            1e-4,
          );
        }
        expect(Object.keys(found)).toEqual(sample.topk.map((k) => `acc/top${k}`));
      });
    }
  });

  it('counts hits among the k best, as counting by sorting does', async () => {
    const cases = fc.integer({ min: 1, max: 6 }).chain((classes) =>
      fc.record({
        rows: fc.array(
          fc.record({
            scores: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: classes, maxLength: classes }),
            label: fc.nat(classes - 1),
          }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        k: fc.integer({ min: 1, max: classes }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ rows, k }) => {
        const hits = rows.filter(({ scores, label }) => {
          const best = scores
            .map((score, index) => ({ score, index }))
            .sort((a, b) => b.score - a.score || a.index - b.index);
          return best.slice(0, k).some(({ index }) => index === label);
        });
        const found = await accuracyOf(
          rows.map((row) => row.scores),
          rows.map((row) => row.label),
          k,
        );
        expect(found).toEqual({ [`accuracy/top${k}`]: (100 * hits.length) / rows.length });
      }),
      { numRuns: 60 },
    );
  });

  it('agrees with argMax on ties', async () => {
    expect(
      await accuracyOf(
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        [0, 1],
      ),
    ).toEqual({ 'accuracy/top1': 50 });
  });

  it('never counts scores that are not numbers as hits', async () => {
    expect(
      await accuracyOf(
        [
          [Number.NaN, Number.NaN],
          [Number.NaN, 1],
        ],
        [0, 1],
      ),
    ).toEqual({ 'accuracy/top1': 0 });
    expect(
      await accuracyOf(
        [
          [Number.POSITIVE_INFINITY, 1],
          [Number.NEGATIVE_INFINITY, -1],
        ],
        [0, 1],
      ),
    ).toEqual({ 'accuracy/top1': 100 });
  });

  it.each([[[0, 3]], [[-1, 0]], [[2 ** 31 - 1, 0]]])(
    'refuses labels %s of 3 classes with ENGINE_EVALUATOR_LABEL_RANGE, naming place and value',
    async (labels) => {
      const place = labels.findIndex((label) => label < 0 || label > 2);
      await expect(
        accuracyOf(
          [
            [1, 2, 3],
            [1, 2, 3],
          ],
          labels,
        ),
      ).rejects.toMatchObject({
        code: 'ENGINE_EVALUATOR_LABEL_RANGE',
        received: `label = ${labels[place]} in place ${place} of the batch`,
      });
    },
  );

  it('refuses predictions of another form with ENGINE_EVALUATOR_BAD_PREDICTIONS', async () => {
    const scores = tf.zeros([2, 3]);
    const labels = tf.zeros([2], 'int32');
    const bad: unknown[] = [
      undefined,
      null,
      3,
      scores,
      [scores],
      { scores, labels },
      [labels, scores],
      [scores, tf.zeros([2])],
      [scores, tf.zeros([3], 'int32')],
      [tf.zeros([2, 3, 1]), labels],
      [[1, 2], labels],
    ];
    for (const predictions of bad)
      expect(await codeOf(new Accuracy().process(undefined, predictions))).toBe('ENGINE_EVALUATOR_BAD_PREDICTIONS');
    tf.dispose(bad as tf.TensorContainer);
    tf.dispose(labels);
  });

  it('refuses a k above the number of classes with ENGINE_EVALUATOR_TOPK_RANGE', async () => {
    expect(await codeOf(accuracyOf([[1, 2, 3]], [0], [1, 5]))).toBe('ENGINE_EVALUATOR_TOPK_RANGE');
  });

  it('refuses to evaluate nothing with ENGINE_EVALUATOR_NO_RESULTS', async () => {
    expect(await codeOf(new Accuracy().evaluate(10))).toBe('ENGINE_EVALUATOR_NO_RESULTS');
  });

  it('keeps one number a sample, and no tensors', async () => {
    const metric = new Accuracy();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 10; i++)
      await process(
        metric,
        [
          [1, 2],
          [2, 1],
        ],
        [0, 0],
      );
    expect(tf.memory().numTensors).toBe(before);
    expect(await metric.evaluate(20)).toEqual({ 'accuracy/top1': 50 });
  });

  it('leaks nothing when used without an evaluator', async () => {
    const { predictions } = batchOf([[1, 2]], [1]);
    const before = tf.memory().numTensors;
    await new Accuracy().process(undefined, predictions);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(predictions);
  });
});
