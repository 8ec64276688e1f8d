import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type MetricValues, VOCMetric, type VOCMetricOptions } from '../index.js';
import { describeMetric, localRanks } from '../testing/index.js';

beforeAll(() => cpu().init());

type Box = readonly number[];
interface Scene {
  readonly classes: number;
  readonly truth: readonly {
    readonly bboxes: Box[];
    readonly labels: number[];
    readonly bboxes_ignore: Box[];
    readonly labels_ignore: number[];
  }[];
  readonly results: readonly { readonly bboxes: Box[]; readonly labels: number[]; readonly scores: number[] }[];
  readonly runs: readonly {
    readonly iou_thr: number;
    readonly eval_mode: 'area' | '11points';
    readonly use_legacy_coordinate: boolean;
    readonly mAP: number;
    readonly wanted: number[];
    readonly AP: number[];
  }[];
}
const { scenes } = JSON.parse(
  readFileSync(new URL('../../../../tooling/golden/numerics/voc.json', import.meta.url), 'utf8'),
) as { readonly scenes: readonly Scene[] };
/** The reference adds up in float32. */
const CLOSE = 5e-7;

const boxes = (rows: readonly Box[]) => hostArray('float32', [rows.length, 4], Float32Array.from(rows.flat()));
const ints = (values: readonly number[]) => hostArray('int32', [values.length], Int32Array.from(values));

function batchesOf({ truth, results }: Scene) {
  return truth.map(({ bboxes, labels, bboxes_ignore, labels_ignore }, i) => {
    const gtInstances = { bboxes: boxes(bboxes), labels: ints(labels) };
    const ignoredInstances = { bboxes: boxes(bboxes_ignore), labels: ints(labels_ignore) };
    const found = results[i] as Scene['results'][number];
    const predInstances = { bboxes: boxes(found.bboxes), scores: found.scores, labels: ints(found.labels) };
    return { batch: { samples: [{ gtInstances, ignoredInstances }] }, predictions: [{ predInstances }] };
  });
}

async function evaluated(
  options: VOCMetricOptions,
  batches: readonly { readonly batch: unknown; readonly predictions: unknown }[],
  classes?: readonly string[],
): Promise<MetricValues> {
  const metric = new VOCMetric({ ...options, prefix: 'v' });
  if (classes !== undefined) metric.datasetMeta = { classes };
  for (const { batch, predictions } of batches) await metric.process(batch, predictions);
  return metric.evaluate(batches.length);
}

/** One image with boxes that are to be found, and those that were. */
const image = (
  wanted: readonly (readonly [box: Box, label?: number, ignored?: boolean])[],
  found: readonly (readonly [box: Box, score: number, label?: number])[],
) => ({
  batch: {
    samples: [
      {
        gtInstances: {
          bboxes: boxes(wanted.map(([box]) => box)),
          labels: ints(wanted.map(([, label = 0]) => label)),
          ignoreFlags: hostArray(
            'bool',
            [wanted.length],
            Uint8Array.from(wanted, ([, , flag]) => Number(flag === true)),
          ),
        },
      },
    ],
  },
  predictions: [
    {
      predInstances: {
        bboxes: found.map(([box]) => box),
        scores: found.map(([, score]) => score),
        labels: found.map(([, , label = 0]) => label),
      },
    },
  ],
});

describeMetric(VOCMetric, {
  options: { iouThrs: [0.5, 0.75], classwise: true },
  batches: () => (scenes[1] as Scene).truth.map((_, i) => batchesOf(scenes[1] as Scene)[i] as never),
  size: (scenes[1] as Scene).truth.length,
});

describe('VOCMetric', () => {
  it.each(scenes.map((scene, i) => [i, scene] as const))('equals mmdet on scene %i', async (_, scene) => {
    for (const run of scene.runs) {
      const { iou_thr, eval_mode: evalMode, use_legacy_coordinate: useLegacyCoordinate } = run;
      const classes = Array.from({ length: scene.classes }, (__, c) => `c${c}`);
      const values = await evaluated(
        { iouThrs: iou_thr, evalMode, useLegacyCoordinate, classwise: true },
        batchesOf(scene),
        classes,
      );
      const name = `AP${Math.round(iou_thr * 100)}`;
      expect(Math.abs((values[`v/${name}`] as number) - run.mAP)).toBeLessThanOrEqual(CLOSE);
      expect(values['v/mAP']).toBe(values[`v/${name}`]);
      const counted = classes.filter((__, c) => (run.wanted[c] as number) > 0);
      expect(Object.keys(values)).toEqual(
        ['mAP', name, ...counted.map((c) => `${c}_${name}`)].map((key) => `v/${key}`),
      );
      for (const [c, wanted] of run.wanted.entries())
        if (wanted > 0)
          expect(Math.abs((values[`v/c${c}_${name}`] as number) - (run.AP[c] as number))).toBeLessThanOrEqual(CLOSE);
    }
  });

  it('averages over thresholds, has its own prefix, and takes tensors', async () => {
    const scene = scenes[1] as Scene;
    const [half, three] = [0.5, 0.7].map((thr) =>
      scene.runs.find((run) => run.iou_thr === thr && run.eval_mode === '11points' && run.use_legacy_coordinate),
    );
    const metric = new VOCMetric({ iouThrs: [0.5, 0.7] });
    for (const [i, { batch }] of batchesOf(scene).entries()) {
      const { bboxes, scores, labels } = scene.results[i] as Scene['results'][number];
      const predInstances = {
        bboxes: tf.tensor2d(bboxes.flat(), [labels.length, 4]),
        scores: tf.tensor1d(scores),
        labels: tf.tensor1d(labels, 'int32'),
      };
      await metric.process(batch, [{ pred_instances: predInstances }]);
      tf.dispose(predInstances);
    }
    const values = await metric.evaluate(scene.truth.length);
    expect(Object.keys(values)).toEqual(['pascal_voc/mAP', 'pascal_voc/AP50', 'pascal_voc/AP70']);
    const both = ((half?.mAP as number) + (three?.mAP as number)) / 2;
    expect(Math.abs((values['pascal_voc/mAP'] as number) - both)).toBeLessThanOrEqual(CLOSE);
  });

  it('takes the truth from the prediction where it stands there', async () => {
    const { batch, predictions } = batchesOf(scenes[1] as Scene)[0] as ReturnType<typeof batchesOf>[number];
    const together = [{ ...batch.samples[0], ...predictions[0] }];
    const expected = await evaluated({}, [{ batch, predictions }]);
    expect(await evaluated({}, [{ batch: {}, predictions: together }])).toEqual(expected);
  });

  const [a, b] = [
    [0, 0, 9, 9],
    [20, 20, 39, 39],
  ] as const;

  it('counts one of two that find the same, the better one', async () => {
    const twice = image(
      [[a], [b]],
      [
        [a, 0.9],
        [a, 0.8],
        [b, 0.7],
      ],
    );
    // precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1
    expect((await evaluated({ evalMode: 'area' }, [twice]))['v/mAP']).toBeCloseTo(5 / 6, 12);
    const points = (6 * 1 + 5 * (2 / 3)) / 11;
    expect((await evaluated({}, [twice]))['v/mAP']).toBeCloseTo(points, 12);
  });

  it('passes over what is to be ignored, in either place', async () => {
    const flagged = image(
      [[a], [b, 0, true]],
      [
        [b, 0.9],
        [b, 0.8],
        [a, 0.7],
      ],
    );
    expect((await evaluated({ evalMode: 'area' }, [flagged]))['v/mAP']).toBe(1);
    const nothing = image([[b, 0, true]], [[b, 0.9]]);
    expect((await evaluated({ evalMode: 'area' }, [nothing]))['v/mAP']).toBe(0);
  });

  it('takes corners as VOC does unless told otherwise', async () => {
    // 10 x 10 and 10 x 5 of pixels: half; 9 x 9 and 9 x 4 of edges: less than half.
    const half = image([[a]], [[[0, 0, 9, 4], 0.9]]);
    expect((await evaluated({}, [half]))['v/mAP']).toBeCloseTo(1, 12);
    expect((await evaluated({ useLegacyCoordinate: false }, [half]))['v/mAP']).toBe(0);
  });

  it('finds an overlap that is just the threshold, at every threshold, and names each', async () => {
    for (const tenths of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const part = image([[[0, 0, 9, 9]]], [[[0, 0, 9, tenths - 1], 0.9]]);
      expect(await evaluated({ iouThrs: tenths / 10, evalMode: 'area' }, [part])).toEqual({
        'v/mAP': 1,
        [`v/AP${tenths * 10}`]: 1,
      });
    }
    const values = await evaluated({ iouThrs: [0.05, 0.625] }, [image([], [])]);
    expect(Object.keys(values)).toEqual(['v/mAP', 'v/AP05', 'v/AP62.5']);
  });

  it('puts a score of NaN last and keeps the order of samples where scores are equal', async () => {
    const nan = image(
      [[a]],
      [
        [b, Number.NaN],
        [a, 0.1],
      ],
    );
    expect((await evaluated({ evalMode: 'area' }, [nan]))['v/mAP']).toBe(1);
    const [right, wrong] = [image([[a]], [[a, 0.5]]), image([], [[b, 0.5]])];
    expect((await evaluated({ evalMode: 'area' }, [right, wrong]))['v/mAP']).toBe(1);
    expect((await evaluated({ evalMode: 'area' }, [wrong, right]))['v/mAP']).toBe(0.5);
  });

  it('is 0 where there is nothing to find, and names classes by number where they have no name', async () => {
    expect(await evaluated({}, [image([], [])])).toEqual({ 'v/mAP': 0, 'v/AP50': 0 });
    const values = await evaluated({ classwise: true, iouThrs: [0.3, 0.5] }, [image([[a, 7]], [[a, 1, 7]])]);
    expect(Object.keys(values)).toEqual(['v/mAP', 'v/AP30', 'v/AP50', 'v/7_AP30', 'v/7_AP50']);
  });

  it('is between 0 and 1 and does not ask in which order boxes stand', async () => {
    const box = fc
      .tuple(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .map(([x, y, w, h]) => [x, y, x + w, y + h] as Box);
    const label = fc.nat(2);
    const found = fc.uniqueArray(fc.tuple(box, fc.integer({ min: 0, max: 1000 }), label), {
      selector: ([, score]) => score,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(box, label), { maxLength: 6 }), found, async (wanted, seen) => {
        const value = async (list: typeof seen) =>
          (await evaluated({ evalMode: 'area' }, [image(wanted, list)]))['v/mAP'];
        const first = (await value(seen)) as number;
        expect(first).toBeGreaterThanOrEqual(0);
        expect(first).toBeLessThanOrEqual(1);
        expect(await value(seen.toReversed())).toBe(first);
        const all = (await evaluated({ evalMode: 'area', iouThrs: 1 }, [
          image(
            wanted,
            wanted.map(([at, of], i) => [at, i, of] as const),
          ),
        ])) as Record<string, number>;
        // Everything found exactly; boxes that are there twice are found by the first only.
        if (new Set(wanted.map(String)).size === wanted.length && wanted.length > 0) expect(all['v/mAP']).toBe(1);
      }),
      { numRuns: 100 },
    );
  });

  it('needs no order of ranks: the same from two as from one', async () => {
    const scene = scenes[2] as Scene;
    const all = batchesOf(scene);
    const ranks = await Promise.all(
      localRanks(2).map(async (communicator) => {
        const metric = new VOCMetric({ prefix: 'v' });
        for (const [i, { batch, predictions }] of all.entries())
          if (i % 2 === communicator.rank) await metric.process(batch, predictions);
        return metric.evaluate(all.length, communicator);
      }),
    );
    expect(ranks[0]).toEqual(await evaluated({}, all));
    expect(ranks[1]).toEqual(ranks[0]);
  });

  const good = image([[a]], [[a, 1]]);
  it.each([
    ['ENGINE_EVALUATOR_BAD_PREDICTIONS', good.batch, 'boxes'],
    ['ENGINE_EVALUATOR_BAD_PREDICTIONS', good.batch, [{}]],
    [
      'ENGINE_EVALUATOR_BAD_PREDICTIONS',
      good.batch,
      [{ predInstances: { bboxes: [1, 2, 3, 4], scores: [1, 1], labels: [0, 0] } }],
    ],
    ['ENGINE_EVALUATOR_BAD_TRUTH', {}, good.predictions],
    ['ENGINE_EVALUATOR_BAD_TRUTH', { samples: [] }, good.predictions],
    ['ENGINE_EVALUATOR_BAD_TRUTH', { samples: [{}] }, good.predictions],
    [
      'ENGINE_EVALUATOR_BAD_TRUTH',
      { samples: [{ gtInstances: { bboxes: boxes([a]), labels: ints([0, 1]) } }] },
      good.predictions,
    ],
    [
      'ENGINE_EVALUATOR_BAD_TRUTH',
      { samples: [{ gtInstances: { bboxes: boxes([a]), labels: ints([0]), ignoreFlags: [] } }] },
      good.predictions,
    ],
    ['ENGINE_EVALUATOR_LABEL_RANGE', good.batch, [{ predInstances: { bboxes: [a], scores: [1], labels: [3] } }]],
  ])('refuses with %s what it cannot read (%#)', async (code, batch, predictions) => {
    const metric = new VOCMetric();
    metric.datasetMeta = { classes: ['cat', 'dog'] };
    await expect(metric.process(batch, predictions)).rejects.toThrowError(code);
  });
});
