import { readFileSync } from 'node:fs';
import { type EngineError, type HostArray, hostArray, silentLogger } from '@engine/core';
import { BaseDataElement, ClassBalancedDataset, DataLoader, pseudoCollate, type Transform } from '@engine/dataset';
import { describeDataset } from '@engine/dataset/testing';
import { CocoMetric, cocoMask, type Segmentation } from '@engine/evaluator';
import { MemoryStorage } from '@engine/fileio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CocoDataset, type CocoDatasetInit } from './coco-dataset.js';

const polygon = [[2, 2, 8, 2, 8, 6]];
const runs = { size: [20, 30], counts: [100, 40, 460] };
const box = (id: number, image_id: number, bbox: number[], more: object = {}) => ({
  id,
  image_id,
  category_id: 18,
  bbox,
  area: 12,
  iscrowd: 0,
  ...more,
});

/** As COCO writes it: images in any order, ids with gaps, categories by their old ids. */
const file = () => ({
  info: { year: 2017 },
  licenses: [],
  images: [
    { id: 42, file_name: '000000000042.jpg', width: 30, height: 20, license: 1 },
    { id: 9, file_name: 'deep/000000000009.jpg', width: 8, height: 60 },
    { id: 77, file_name: '000000000077.jpg', width: 10, height: 10 },
  ],
  categories: [
    { id: 18, name: 'dog', supercategory: 'animal' },
    { id: 3, name: 'car', supercategory: 'vehicle' },
  ],
  annotations: [
    box(1, 42, [2, 2, 6, 4], { segmentation: polygon }),
    box(2, 9, [1.5, 10, 4, 20], { category_id: 3, keypoints: [2, 11, 2, 0, 0, 0], num_keypoints: 1 }),
    box(3, 42, [5, 0, 2, 20], { iscrowd: 1, segmentation: runs, category_id: 3 }),
  ],
});

async function stored(content: unknown): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await storage.put('/coco/annotations/val.json', new TextEncoder().encode(text));
  return storage;
}

const place = { dataRoot: '/coco', annFile: 'annotations/val.json', dataPrefix: { img: 'val2017' } };
async function made(content: unknown, init: CocoDatasetInit = {}): Promise<CocoDataset> {
  const dataset = new CocoDataset({ ...place, storage: await stored(content), lazyInit: true, ...init });
  await dataset.init();
  return dataset;
}
const infos = (dataset: CocoDataset) => Array.from({ length: dataset.length }, (_, i) => dataset.getDataInfo(i));
const instancesIn = (dataset: CocoDataset, i = 0) =>
  dataset.getDataInfo(i).instances as {
    bbox: number[];
    bbox_label: number;
    ignore_flag: number;
    mask?: Segmentation;
  }[];
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing thrown',
    (error: EngineError) => error.code,
  );

const blank: Transform = {
  transform: ({ img_id, instances, height, width }) => ({
    inputs: hostArray(
      'uint8',
      [height as number, width as number, 1],
      new Uint8Array((height as number) * (width as number)),
    ),
    samples: { img_id, instances },
  }),
};
/** Elements stay apart in a batch, however many objects each has. */
const packed: Transform = {
  transform: ({ inputs, samples }) => {
    const { img_id, instances } = samples as Record<string, unknown>;
    return { inputs, samples: BaseDataElement.of({ instances }, { img_id }) };
  },
};
const storage = await stored(file());
describeDataset(() => new CocoDataset({ ...place, storage, pipeline: [blank] }));

describe('CocoDataset', () => {
  it('reads images, boxes, masks and keypoints; categories become labels by their ids', async () => {
    const dataset = await made(file());
    expect(dataset.metainfo).toEqual({ classes: ['car', 'dog'], categoryIds: [3, 18] });
    expect(infos(dataset)).toEqual([
      {
        img_path: '/coco/val2017/000000000042.jpg',
        img_id: 42,
        height: 20,
        width: 30,
        sampleIdx: 0,
        instances: [
          { bbox: [2, 2, 8, 6], bbox_label: 1, ignore_flag: 0, mask: polygon },
          { bbox: [5, 0, 7, 20], bbox_label: 0, ignore_flag: 1, mask: runs },
        ],
      },
      {
        img_path: '/coco/val2017/deep/000000000009.jpg',
        img_id: 9,
        height: 60,
        width: 8,
        sampleIdx: 1,
        instances: [{ bbox: [1.5, 10, 5.5, 30], bbox_label: 0, ignore_flag: 0, keypoints: [2, 11, 2, 0, 0, 0] }],
      },
      { img_path: '/coco/val2017/000000000077.jpg', img_id: 77, height: 10, width: 10, sampleIdx: 2, instances: [] },
    ]);
    const masks = instancesIn(dataset).map(({ mask }) => cocoMask.ofSegmentation(mask as Segmentation, 20, 30));
    expect(masks.map(cocoMask.area)).toEqual([
      cocoMask.area(cocoMask.merge(cocoMask.frPyObjects(polygon, 20, 30))),
      40,
    ]);
  });

  it('takes labels in the order of given classes, and leaves other categories out', async () => {
    const turned = await made(file(), { metainfo: { classes: ['dog', 'car'] } });
    expect(instancesIn(turned).map(({ bbox_label }) => bbox_label)).toEqual([0, 1]);
    expect(turned.metainfo.categoryIds).toEqual([18, 3]);
    const told: string[] = [];
    const logger = { ...silentLogger, info: (text: string) => void told.push(text) };
    const dogs = await made(file(), { metainfo: { classes: ['dog'] }, logger });
    expect(infos(dogs).map(({ instances }) => (instances as unknown[]).length)).toEqual([1, 0, 0]);
    expect(told).toEqual([expect.stringContaining('2 of other categories left out')]);
  });

  it('filters images for training, not for testing', async () => {
    const ids = async (init: CocoDatasetInit) => infos(await made(file(), init)).map(({ img_id }) => img_id);
    expect(await ids({ filterCfg: {} })).toEqual([42, 9, 77]);
    expect(await ids({ filterCfg: { filterEmptyGt: true } })).toEqual([42, 9]);
    expect(await ids({ filterCfg: { minSize: 9 } })).toEqual([42, 77]);
    expect(await ids({ filterCfg: { filterEmptyGt: true, minSize: 9 } })).toEqual([42]);
    expect(await ids({ filterCfg: { filterEmptyGt: true }, metainfo: { classes: ['dog'] } })).toEqual([42]);
    expect(await ids({ filterCfg: { filterEmptyGt: true, minSize: 9 }, testMode: true })).toEqual([42, 9, 77]);
    expect(await ids({ indices: [2, 0] })).toEqual([77, 42]);
  });

  it('cuts boxes at the border, drops those outside and below a pixel, and says so', async () => {
    const told: string[] = [];
    const logger = { ...silentLogger, info: (text: string) => void told.push(text) };
    const annotations = [
      box(1, 42, [-3, -2, 10, 8]),
      box(2, 42, [25, 15, 10, 10]),
      box(3, 42, [40, 5, 4, 4]),
      box(4, 42, [5, 5, 0.5, 4]),
      box(5, 42, [5, 5, 4, 4], { area: 0 }),
      box(6, 42, [5, 5, 4, 4], { area: undefined }),
    ];
    const dataset = await made({ ...file(), annotations }, { logger });
    expect(instancesIn(dataset).map(({ bbox }) => bbox)).toEqual([
      [0, 0, 7, 6],
      [25, 15, 30, 20],
      [5, 5, 9, 9],
    ]);
    expect(told[0]).toContain('2 below a pixel left out, 1 outside of their image left out, 2 cut at the border');
  });

  it('keeps every box inside its image, whatever the file says', async () => {
    const side = fc.double({ min: -40, max: 60, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(side, side, side, side), { maxLength: 8 }), async (boxes) => {
        const dataset = await made({ ...file(), annotations: boxes.map((bbox, i) => box(i + 1, 42, bbox)) });
        for (const { bbox } of instancesIn(dataset)) {
          const [x0, y0, x1, y1] = bbox as [number, number, number, number];
          expect(x0 >= 0 && y0 >= 0 && x1 <= 30 && y1 <= 20 && x1 > x0 && y1 > y0, String(bbox)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses boxes that reach out with ENGINE_VISION_COCO_BOX when told to, but not what rounding makes', async () => {
    const reaching = (bbox: number[]) =>
      made({ ...file(), annotations: [box(5, 42, bbox)] }, { outsideBoxes: 'refuse' });
    expect(instancesIn(await reaching([-0.3, 0, 30.4, 20]))[0]?.bbox).toEqual([0, 0, expect.closeTo(30, 6), 20]);
    for (const bbox of [
      [-1, 0, 5, 5],
      [0, 0, 31, 5],
      [0, 18, 5, 5],
      [99, 99, 2, 2],
    ])
      await expect(reaching(bbox)).rejects.toThrowError(/ENGINE_VISION_COCO_BOX.*annotation 5/s);
  });

  it('takes files of test sets, which have no annotations, in test mode', async () => {
    const { images, categories } = file();
    const dataset = await made({ images, categories }, { testMode: true });
    expect(infos(dataset).map(({ instances }) => instances)).toEqual([[], [], []]);
    expect(await codeOf(made({ images, categories }))).toBe('ENGINE_VISION_COCO_KEY');
  });

  it('tells the categories of a sample, so that datasets can be balanced', async () => {
    const dataset = await made(file());
    expect([dataset.getCatIds(0), dataset.getCatIds(1), dataset.getCatIds(2)]).toEqual([[1, 0], [0], []]);
    const balanced = new ClassBalancedDataset(dataset, 0.9);
    await balanced.init();
    expect(balanced.length).toBeGreaterThan(3);
  });

  it.each([
    ['no images', { categories: [], annotations: [] }, 'ENGINE_VISION_COCO_KEY'],
    [
      'no category of an annotation',
      { ...file(), annotations: [{ ...box(1, 42, [0, 0, 2, 2]), category_id: undefined }] },
      'ENGINE_VISION_COCO_KEY',
    ],
    [
      'an image without a file name',
      { ...file(), images: [{ id: 42, width: 30, height: 20 }], annotations: [] },
      'ENGINE_VISION_COCO_KEY',
    ],
    [
      'an unknown category',
      { ...file(), annotations: [box(1, 42, [0, 0, 2, 2], { category_id: 5 })] },
      'ENGINE_VISION_COCO_VALUE',
    ],
    ['an unknown image', { ...file(), annotations: [box(1, 5, [0, 0, 2, 2])] }, 'ENGINE_VISION_COCO_VALUE'],
    [
      'annotations of one id',
      { ...file(), annotations: [box(1, 42, [0, 0, 2, 2]), box(1, 42, [0, 0, 2, 2])] },
      'ENGINE_VISION_COCO_VALUE',
    ],
    ['a box of text', { ...file(), annotations: [box(1, 42, ['a'] as never)] }, 'ENGINE_VISION_COCO_VALUE'],
    ['what is no JSON', 'images: []', 'ENGINE_VISION_COCO_TYPE'],
    ['what is no object', [], 'ENGINE_VISION_COCO_TYPE'],
  ])('refuses a file with %s', async (_, content, code) => {
    expect(await codeOf(made(content))).toBe(code);
  });

  it('refuses classes that are no category with ENGINE_VISION_COCO_CLASSES, which names both', async () => {
    await expect(made(file(), { metainfo: { classes: ['car', 'dgo'] } })).rejects.toThrowError(
      /ENGINE_VISION_COCO_CLASSES.*dgo.*dog, car/s,
    );
  });

  it('closes the circle: what it reads, given as predictions, is found by CocoMetric', async () => {
    const { scenes } = JSON.parse(
      readFileSync(new URL('../../../../tooling/golden/numerics/coco.json', import.meta.url), 'utf8'),
    ) as { scenes: { truth: ReturnType<typeof file> }[] };
    const truth = scenes[0]?.truth as ReturnType<typeof file>;
    const files = await stored(truth);
    const dataset = new CocoDataset({ ...place, storage: files, pipeline: [blank, packed], testMode: true });
    const metric = new CocoMetric({ annFile: '/coco/annotations/val.json', metric: ['bbox', 'segm'], storage: files });
    const loader = new DataLoader({ dataset, batchSize: 5, collateFn: pseudoCollate });
    await loader.init();
    metric.datasetMeta = dataset.metainfo;
    for await (const { samples, inputs } of loader.batches()) {
      const predictions = (samples as { instances: ReturnType<typeof instancesIn> }[]).map(({ instances }, i) => {
        const [height = 0, width = 0] = (inputs as HostArray[])[i]?.shape ?? [];
        const predInstances = {
          bboxes: instances.map(({ bbox }) => bbox),
          labels: instances.map(({ bbox_label }) => bbox_label),
          scores: instances.map(() => 0.9),
          masks: instances.map(({ mask }) => cocoMask.ofSegmentation(mask as Segmentation, height, width)),
        };
        return { predInstances };
      });
      await metric.process({ inputs, samples }, predictions);
    }
    const values = await metric.evaluate(dataset.length);
    await loader.close();
    expect(values['coco/bbox_mAP']).toBeCloseTo(1, 9);
    expect(values['coco/segm_mAP']).toBeCloseTo(1, 9);
  });
});
