import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { type EngineError, hostArray, type Logger, silentLogger } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CocoFile,
  CocoMetric,
  type CocoMetricOptions,
  cocoMask,
  DumpResults,
  type MetricValues,
  type Rle,
  readResults,
} from '../index.js';
import { describeMetric, localRanks } from '../testing/index.js';

beforeAll(() => cpu().init());

interface Result {
  readonly image_id: number;
  readonly category_id: number;
  readonly score: number;
  readonly xyxy: number[];
  readonly segmentation: Rle;
}
interface Run {
  readonly params: { readonly maxDets?: number[]; readonly iouThrs?: number[]; readonly useCats?: number };
  readonly AP: number[];
  readonly AP_iou: number[];
  /** By size, then by number of detections. */
  readonly AR: number[][];
  readonly classwise: number[][];
  readonly stats?: number[];
}
interface GoldenScene {
  readonly truth: CocoFile;
  readonly results: readonly Result[];
  readonly runs: Readonly<Record<'bbox' | 'segm', readonly Run[]>>;
}
const { scenes } = JSON.parse(
  readFileSync(new URL('../../../../tooling/golden/numerics/coco.json', import.meta.url), 'utf8'),
) as { readonly scenes: readonly GoldenScene[] };
const [scene] = scenes as [GoldenScene];

const bytes = (content: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(content));
async function stored(content: unknown): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await storage.put('/instances.json', bytes(content));
  return storage;
}

/** Predictions of each image of a scene, as a model gives them: categories in the order of their ids. */
function predictionsOf({ truth, results }: GoldenScene) {
  const ids = truth.categories.map(({ id }) => id).sort((a, b) => a - b);
  return truth.images.map(({ id: imgId }) => {
    const mine = results.filter(({ image_id }) => image_id === imgId);
    const predInstances = {
      bboxes: hostArray('float32', [mine.length, 4], Float32Array.from(mine.flatMap(({ xyxy }) => xyxy))),
      scores: mine.map(({ score }) => score),
      labels: mine.map(({ category_id }) => ids.indexOf(category_id)),
      masks: mine.map(({ segmentation }) => segmentation),
    };
    return { imgId, predInstances };
  });
}

interface Given {
  readonly of?: GoldenScene;
  readonly classes?: readonly string[];
  readonly storage?: MemoryStorage;
  readonly logger?: Logger;
  readonly predictions?: readonly unknown[];
}

async function evaluated(
  options: Partial<CocoMetricOptions>,
  { of = scene, classes, storage, logger = silentLogger, predictions = predictionsOf(of) }: Given = {},
): Promise<MetricValues> {
  const metric = new CocoMetric({
    annFile: '/instances.json',
    storage: storage ?? (await stored(of.truth)),
    logger,
    ...options,
  });
  metric.datasetMeta = classes === undefined ? undefined : { classes };
  await metric.process(undefined, predictions);
  return metric.evaluate(predictions.length);
}

/** The values of a run of pycocotools under the names that they have here. */
function expectedOf(run: Run, kind: string, { categories }: CocoFile): Record<string, number> {
  const { maxDets = [1, 10, 100], iouThrs, useCats } = run.params;
  const most = maxDets.at(-1);
  const sizes = ['', '_s', '_m', '_l'];
  const recall: [string, number | undefined][] = [
    ...maxDets.map((count, m): [string, number | undefined] => [`AR@${count}`, run.AR[0]?.[m]]),
    ...sizes.slice(1).map((size, i): [string, number | undefined] => [`AR${size}@${most}`, run.AR[i + 1]?.at(-1)]),
  ];
  if (useCats === 0) return Object.fromEntries(recall) as Record<string, number>;
  const at = (wanted: number): number =>
    (iouThrs ?? Array.from({ length: 10 }, (_, i) => 0.5 + i * 0.05)).findIndex((t) => Math.abs(t - wanted) < 1e-9);
  const named = [
    ...sizes.map((size, i): [string, number | undefined] => [`mAP${size}`, run.AP[i]]),
    ['mAP_50', run.AP_iou[at(0.5)]] as const,
    ['mAP_75', run.AP_iou[at(0.75)]] as const,
    ...recall,
    ...[...categories]
      .sort((a, b) => a.id - b.id)
      .map(({ name }, k) => [`${name}_precision`, run.classwise[k]?.[0]] as const),
  ];
  return Object.fromEntries(named.map(([name, value]) => [`${kind}_${name}`, value as number]));
}

function expectClose(actual: MetricValues, expected: Readonly<Record<string, number>>): void {
  expect(Object.keys(actual).sort()).toEqual(
    Object.keys(expected)
      .map((name) => `coco/${name}`)
      .sort(),
  );
  for (const [name, value] of Object.entries(expected))
    expect(Math.abs((actual[`coco/${name}`] as number) - value), name).toBeLessThan(1e-9);
}

const sceneStorage = await stored(scene.truth);
describeMetric(() => new CocoMetric({ annFile: '/instances.json', storage: sceneStorage }), {
  batches: () => predictionsOf(scene).map((prediction) => ({ batch: undefined, predictions: [prediction] })),
  size: scene.truth.images.length,
});

describe('CocoMetric', () => {
  it.each(scenes.map((of, i) => [i, of] as const))(
    'gives the numbers of COCOeval on scene %i, of boxes and masks',
    async (_, of) => {
      for (const kind of ['bbox', 'segm'] as const) {
        for (const run of of.runs[kind]) {
          const { maxDets, iouThrs, useCats } = run.params;
          if (useCats === 0 && kind === 'segm') continue; // proposals are boxes
          const options =
            useCats === 0
              ? { metric: 'proposal' as const, proposalNums: maxDets as number[] }
              : { metric: kind, classwise: true, ...(maxDets && { maxDets }), ...(iouThrs && { iouThrs }) };
          expectClose(await evaluated(options, { of }), expectedOf(run, kind, of.truth));
        }
      }
    },
  );

  it('gives the summary that COCOeval prints, in its order', async () => {
    const values = await evaluated({});
    const stats = scene.runs.bbox[0]?.stats as number[];
    const names = [
      'mAP',
      'mAP_50',
      'mAP_75',
      'mAP_s',
      'mAP_m',
      'mAP_l',
      'AR@1',
      'AR@10',
      'AR@100',
      'AR_s@100',
      'AR_m@100',
      'AR_l@100',
    ];
    expect(Object.keys(values)).toEqual(names.map((name) => `coco/bbox_${name}`));
    Object.values(values).forEach((value, i) => expect(value).toBeCloseTo(stats[i] as number, 9));
  });

  it('reads tensors, lists and the names of OpenMMLab, and ids from the batch', async () => {
    const expected = await evaluated({ metric: ['bbox', 'segm'] });
    const predictions = predictionsOf(scene);
    const before = tf.memory().numTensors;
    const tensors = predictions.map(({ imgId, predInstances: { bboxes, scores, labels, masks } }) => ({
      imgId,
      predInstances: {
        bboxes: tf.tensor2d(bboxes.data, [scores.length, 4]),
        scores,
        labels: tf.tensor1d(labels, 'int32'),
        masks:
          masks.length === 0
            ? tf.zeros([0, 4, 4], 'bool')
            : tf.tidy(() =>
                tf.stack(masks.map((mask) => tf.tensor2d(cocoMask.decode(mask).data, mask.size as [number, number]))),
              ),
      },
    }));
    expect(await evaluated({ metric: ['bbox', 'segm'] }, { predictions: tensors })).toEqual(expected);
    const dump = new DumpResults({ outFilePath: '/dump.jsonl', storage: sceneStorage });
    await dump.process(undefined, tensors);
    await dump.evaluate(tensors.length);
    const dumped: unknown[] = [];
    for await (const line of readResults('/dump.jsonl', { storage: sceneStorage })) dumped.push(line);
    expect(await evaluated({ metric: ['bbox', 'segm'] }, { predictions: dumped })).toEqual(expected);
    tf.dispose(tensors as never);
    expect(tf.memory().numTensors).toBe(before);
    const snake = predictions.map(({ imgId, predInstances: { bboxes, ...rest } }) => ({
      img_id: imgId,
      pred_instances: {
        ...rest,
        bboxes: Array.from({ length: rest.scores.length }, (_, i) => [...bboxes.data.slice(4 * i, 4 * i + 4)]),
      },
    }));
    expect(await evaluated({ metric: ['bbox', 'segm'] }, { predictions: snake })).toEqual(expected);
    const ids = predictions.map(({ imgId }) => imgId);
    const instances = predictions.map(({ predInstances }) => ({ predInstances }));
    for (const samples of [
      ids.map((imgId) => ({ imgId })),
      { imgId: hostArray('int32', [ids.length], Int32Array.from(ids)) },
      { img_id: ids },
    ]) {
      const metric = new CocoMetric({ annFile: '/instances.json', storage: sceneStorage, metric: ['bbox', 'segm'] });
      await metric.process({ inputs: undefined, samples }, instances);
      expect(await metric.evaluate(ids.length)).toEqual(expected);
    }
  });

  it('is the same on one rank and on several, samples repeated to fill them up included', async () => {
    const predictions = predictionsOf(scene);
    const alone = await evaluated({ metric: ['bbox', 'segm'] });
    const values = await Promise.all(
      localRanks(5).map(async (communicator) => {
        const metric = new CocoMetric({ annFile: '/instances.json', storage: sceneStorage, metric: ['bbox', 'segm'] });
        const each = Math.ceil(predictions.length / 5);
        const mine = Array.from(
          { length: each },
          (_, i) => predictions[(i * 5 + communicator.rank) % predictions.length],
        );
        for (const prediction of mine) await metric.process(undefined, [prediction]);
        return metric.evaluate(predictions.length, communicator);
      }),
    );
    for (const value of values) expect(value).toEqual(alone);
  });

  it('takes label i for the category named classes[i], whatever their order, and leaves other categories out', async () => {
    const names = [...scene.truth.categories].sort((a, b) => a.id - b.id).map(({ name }) => name);
    const shuffled = { ...scene.truth, categories: [...scene.truth.categories].reverse() };
    const turned = [...names].reverse();
    const predictions = predictionsOf(scene).map(({ imgId, predInstances }) => ({
      imgId,
      predInstances: { ...predInstances, labels: predInstances.labels.map((label) => names.length - 1 - label) },
    }));
    const expected = await evaluated({});
    const given = { predictions, classes: turned, storage: await stored(shuffled) };
    for (const [name, value] of Object.entries(await evaluated({}, given)))
      expect(value, name).toBeCloseTo(expected[name] as number, 12);
    const first = predictionsOf(scene).map(({ imgId, predInstances: { bboxes, scores, labels } }) => {
      const kept = labels.flatMap((label, i) => (label === 0 ? [i] : []));
      return {
        imgId,
        predInstances: {
          bboxes: kept.map((i) => [...bboxes.data.slice(4 * i, 4 * i + 4)]),
          scores: kept.map((i) => scores[i]),
          labels: kept.map(() => 0),
        },
      };
    });
    const alone = await evaluated({}, { predictions: first, classes: names.slice(0, 1) });
    expect(alone['coco/bbox_mAP']).toBeCloseTo(scene.runs.bbox[0]?.classwise[0]?.[0] as number, 9);
  });

  it('writes predictions in the format of COCO, and only that with formatOnly', async () => {
    const storage = await stored(scene.truth);
    const options = { metric: ['bbox', 'segm', 'proposal'] as const, outfilePrefix: '/out/val' };
    expect(await evaluated({ ...options, metric: [...options.metric], formatOnly: true }, { storage })).toEqual({});
    const read = async (kind: string): Promise<Result[]> =>
      JSON.parse(new TextDecoder().decode(await storage.get(`/out/val.${kind}.json`))) as Result[];
    const boxes = (await read('bbox')) as unknown as {
      image_id: number;
      category_id: number;
      bbox: number[];
      score: number;
    }[];
    const images = new Map(scene.truth.images.map(({ id }, i) => [id, i]));
    const sorted = [...scene.results].sort(
      (a, b) => (images.get(a.image_id) as number) - (images.get(b.image_id) as number),
    );
    expect(boxes).toEqual(
      sorted.map(({ image_id, category_id, score, xyxy: [x0, y0, x1, y1] }) => ({
        image_id,
        category_id,
        score,
        bbox: [x0, y0, (x1 as number) - (x0 as number), (y1 as number) - (y0 as number)],
      })),
    );
    expect(await read('proposal')).toEqual(boxes);
    expect((await read('segm')).map(({ segmentation }) => segmentation)).toEqual(
      sorted.map(({ segmentation }) => segmentation),
    );
  });

  it('gives the values that are asked for, under the prefix that is asked for', async () => {
    const all = await evaluated({});
    const some = await evaluated({ metricItems: ['AR_s@10', 'mAP_85', 'AR@10'], prefix: 'val' });
    expect(Object.keys(some)).toEqual(['val/bbox_AR_s@10', 'val/bbox_mAP_85', 'val/bbox_AR@10']);
    expect(some['val/bbox_AR@10']).toBe(all['coco/bbox_AR@10']);
    expect(Object.keys(await evaluated({ iouThrs: 0.6, maxDets: [3] }))).toEqual(
      ['mAP', 'mAP_s', 'mAP_m', 'mAP_l', 'AR@3', 'AR_s@3', 'AR_m@3', 'AR_l@3'].map((name) => `coco/bbox_${name}`),
    );
  });

  it('counts scores of masks where there are some, and NaN below all others', async () => {
    const predictions = predictionsOf(scene).map(({ imgId, predInstances }) => ({
      imgId,
      predInstances: {
        ...predInstances,
        scores: predInstances.scores.map(() => Number.NaN),
        maskScores: predInstances.scores,
      },
    }));
    const values = await evaluated({ metric: ['bbox', 'segm'] }, { predictions });
    const expected = await evaluated({ metric: 'segm' });
    expect(values['coco/segm_mAP']).toBe(expected['coco/segm_mAP']);
    expect(values['coco/bbox_AR@100']).toBeCloseTo((await evaluated({}))['coco/bbox_AR@100'] as number, 12);
    const better = {
      imgId: 1,
      predInstances: {
        bboxes: [
          [0, 0, 4, 4],
          [0, 0, 4, 4],
        ],
        scores: [Number.NaN, 0.1],
        labels: [0, 0],
      },
    };
    const tiny = { truth: tinyTruth(), results: [], runs: { bbox: [], segm: [] } };
    expect((await evaluated({}, { of: tiny, predictions: [better] }))['coco/bbox_mAP']).toBeCloseTo(1, 12);
  });

  it('says when images were not predicted and when an annotation has the id 0', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const values = await evaluated({}, { predictions: predictionsOf(scene).slice(0, 3), logger });
    expect(values['coco/bbox_mAP']).toBeLessThan((await evaluated({}))['coco/bbox_mAP'] as number);
    expect(warnings).toEqual([expect.stringContaining('9 of 12 images')]);
    warnings.length = 0;
    const zero = scenes.find(({ truth }) => truth.annotations[0]?.id === 0) as GoldenScene;
    await evaluated({}, { of: zero, logger });
    expect(warnings).toEqual([expect.stringContaining('id 0')]);
  });
});

function tinyTruth(): CocoFile {
  return {
    images: [{ id: 1, file_name: 'a.png', width: 8, height: 6 }],
    categories: [{ id: 7, name: 'cat' }],
    annotations: [{ id: 1, image_id: 1, category_id: 7, bbox: [0, 0, 4, 4], area: 16, iscrowd: 0 }],
  };
}

describe('CocoMetric refuses', () => {
  const found = { imgId: 1, predInstances: { bboxes: [[0, 0, 4, 4]], scores: [0.5], labels: [0] } };
  const codeOf = async (
    content: unknown,
    options: Partial<CocoMetricOptions> = {},
    { prediction = found, classes }: { readonly prediction?: unknown; readonly classes?: string[] } = {},
  ): Promise<string> => {
    const storage = new MemoryStorage();
    await storage.put(
      '/instances.json',
      typeof content === 'string' ? new TextEncoder().encode(content) : bytes(content),
    );
    try {
      const metric = new CocoMetric({ annFile: '/instances.json', storage, ...options });
      metric.datasetMeta = classes && { classes };
      await metric.process(undefined, [prediction]);
      await metric.evaluate(1);
      return 'nothing thrown';
    } catch (error) {
      return (error as EngineError).code;
    }
  };
  const truth = tinyTruth();
  const [annotation] = truth.annotations;
  const [image] = truth.images;

  it.each([
    ['what is no JSON', '{', 'ENGINE_EVALUATOR_COCO_TYPE'],
    ['a list', [], 'ENGINE_EVALUATOR_COCO_TYPE'],
    ['images that are no list', { ...truth, images: {} }, 'ENGINE_EVALUATOR_COCO_TYPE'],
    ['an annotation that is no object', { ...truth, annotations: [3] }, 'ENGINE_EVALUATOR_COCO_TYPE'],
    ['an id that is no integer', { ...truth, images: [{ ...image, id: 'a' }] }, 'ENGINE_EVALUATOR_COCO_TYPE'],
    ['a file without annotations', { images: truth.images, categories: truth.categories }, 'ENGINE_EVALUATOR_COCO_KEY'],
    [
      'an annotation without a box',
      { ...truth, annotations: [{ ...annotation, bbox: undefined }] },
      'ENGINE_EVALUATOR_COCO_KEY',
    ],
    ['an image without a size', { ...truth, images: [{ id: 1, file_name: 'a.png' }] }, 'ENGINE_EVALUATOR_COCO_KEY'],
    ['an image of no size', { ...truth, images: [{ ...image, width: 0 }] }, 'ENGINE_EVALUATOR_COCO_VALUE'],
    ['an image twice', { ...truth, images: [image, image] }, 'ENGINE_EVALUATOR_COCO_VALUE'],
    [
      'a category name twice',
      {
        ...truth,
        categories: [
          { id: 1, name: 'a' },
          { id: 7, name: 'a' },
        ],
      },
      'ENGINE_EVALUATOR_COCO_VALUE',
    ],
    ['an annotation twice', { ...truth, annotations: [annotation, annotation] }, 'ENGINE_EVALUATOR_COCO_VALUE'],
    ['an unknown image', { ...truth, annotations: [{ ...annotation, image_id: 9 }] }, 'ENGINE_EVALUATOR_COCO_VALUE'],
    [
      'an unknown category',
      { ...truth, annotations: [{ ...annotation, category_id: 9 }] },
      'ENGINE_EVALUATOR_COCO_VALUE',
    ],
    [
      'a box of three numbers',
      { ...truth, annotations: [{ ...annotation, bbox: [1, 2, 3] }] },
      'ENGINE_EVALUATOR_COCO_VALUE',
    ],
  ])('%s', async (_, content, code) => {
    expect(await codeOf(content)).toBe(code);
  });

  it.each([
    ['no list', 3],
    ['no id', { predInstances: found.predInstances }],
    ['no instances', { imgId: 1 }],
    ['boxes of three numbers', { imgId: 1, predInstances: { ...found.predInstances, bboxes: [[1, 2, 3]] } }],
    ['fewer labels', { imgId: 1, predInstances: { ...found.predInstances, labels: [] } }],
    ['scores of text', { imgId: 1, predInstances: { ...found.predInstances, scores: ['a'] } }],
    ['more masks', { imgId: 1, predInstances: { ...found.predInstances, masks: [] } }],
    [
      'flat masks',
      { imgId: 1, predInstances: { ...found.predInstances, masks: hostArray('uint8', [4], new Uint8Array(4)) } },
    ],
    ['masks that are none', { imgId: 1, predInstances: { ...found.predInstances, masks: 'x' } }],
  ])('predictions with %s', async (_, prediction) => {
    expect(await codeOf(truth, {}, { prediction })).toBe('ENGINE_EVALUATOR_BAD_PREDICTIONS');
  });

  it('masks that are missing or of another size where masks are evaluated', async () => {
    const masked = { ...truth, annotations: [{ ...annotation, segmentation: [[0, 0, 4, 0, 4, 4]] }] };
    const options = { metric: 'segm' as const };
    expect(await codeOf(masked, options)).toBe('ENGINE_EVALUATOR_BAD_PREDICTIONS');
    const masks = [{ size: [2, 2], counts: [4] }];
    const prediction = { imgId: 1, predInstances: { ...found.predInstances, masks } };
    expect(await codeOf(masked, options, { prediction })).toBe('ENGINE_EVALUATOR_BAD_PREDICTIONS');
    expect(await codeOf(truth, options)).toBe('ENGINE_EVALUATOR_COCO_KEY');
    const broken = { ...truth, annotations: [{ ...annotation, segmentation: [[0, 0]] }] };
    expect(await codeOf(broken, options)).toBe('ENGINE_EVALUATOR_BAD_MASK');
  });

  it('labels that are no class, images of another file, classes that the file lacks', async () => {
    const label = { imgId: 1, predInstances: { ...found.predInstances, labels: [1] } };
    expect(await codeOf(truth, {}, { prediction: label })).toBe('ENGINE_EVALUATOR_LABEL_RANGE');
    expect(await codeOf(truth, {}, { prediction: { ...found, imgId: 2 } })).toBe('ENGINE_EVALUATOR_COCO_VALUE');
    expect(await codeOf(truth, {}, { classes: ['cat', 'dgo'] })).toBe('ENGINE_EVALUATOR_COCO_CLASSES');
  });

  it('options that rule each other out, before anything runs', () => {
    for (const options of [
      { formatOnly: true },
      { metricItems: ['mAP_50'], iouThrs: 0.6 },
      { metricItems: ['AR@7'] },
      { metricItems: ['mAP_x'] },
      { metricItems: ['AR@1000'], metric: ['proposal', 'bbox'] as const },
    ])
      expect(() => new CocoMetric({ annFile: '/a.json', ...(options as object) })).toThrowError(
        'ENGINE_EVALUATOR_COCO_OPTION',
      );
  });
});
