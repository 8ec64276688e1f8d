import { type HostArray, hostArray } from '@engine/core';
import { type BaseDataElement, DataLoader, type InstanceData, pseudoCollate } from '@engine/dataset';
import { CocoMetric, cocoMask, type MetricValues } from '@engine/evaluator';
import { MemoryStorage } from '@engine/fileio';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LoadAnnotations } from '../transforms/load-annotations.js';
import { LoadImageFromFile } from '../transforms/load-image-from-file.js';
import { PackInputs } from '../transforms/pack-inputs.js';
import { RandomFlip } from '../transforms/random-flip.js';
import { Resize } from '../transforms/resize.js';
import { CocoDataset } from './coco-dataset.js';

const SIZES = [
  [40, 60],
  [64, 48],
] as const;

/** Images with a white rectangle each, which is the object; as PNG and JPEG files with their annotation file. */
async function folder(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const boxes = SIZES.map(([height, width]) => [width / 4, height / 4, width / 2, height / 4]);
  for (const [i, [height, width]] of SIZES.entries()) {
    const [x = 0, y = 0, w = 0, h = 0] = boxes[i] ?? [];
    const pixels = new Uint8Array(height * width * 3);
    for (let row = y; row < y + h; row++) pixels.fill(255, (row * width + x) * 3, (row * width + x + w) * 3);
    const image = sharp(pixels, { raw: { width, height, channels: 3 } });
    const file = i === 0 ? image.png() : image.jpeg({ quality: 95 });
    await storage.put(`/coco/images/${i}.${i === 0 ? 'png' : 'jpg'}`, new Uint8Array(await file.toBuffer()));
  }
  const content = {
    images: SIZES.map(([height, width], i) => ({
      id: i + 1,
      file_name: `${i}.${i === 0 ? 'png' : 'jpg'}`,
      height,
      width,
    })),
    categories: [{ id: 5, name: 'box' }],
    annotations: boxes.map(([x = 0, y = 0, w = 0, h = 0], i) => ({
      id: i + 1,
      image_id: i + 1,
      category_id: 5,
      bbox: [x, y, w, h],
      area: w * h,
      iscrowd: 0,
      segmentation: [[x, y, x + w, y, x + w, y + h, x, y + h]],
      keypoints: [x + 2, y + 2, 2, 0, 0, 0],
    })),
  };
  await storage.put('/coco/train.json', new TextEncoder().encode(JSON.stringify(content)));
  return storage;
}

const storage = await folder();
const place = { dataRoot: '/coco', annFile: 'train.json', dataPrefix: { img: 'images' }, storage };

type Packed = BaseDataElement & { gtInstances: InstanceData; imgId: number; scaleFactor: number[]; oriShape: number[] };
interface Found {
  readonly image: HostArray;
  readonly element: Packed;
  readonly boxes: Float32Array;
  readonly masks: HostArray<'uint8'>;
  readonly keypoints: HostArray;
}

async function loaded(polygons: boolean): Promise<Found[]> {
  const pipeline = [
    new LoadImageFromFile({}, { storage }),
    new LoadAnnotations({ withMask: true, poly2mask: !polygons, withKeypoints: true }),
    new Resize({ scale: [120, 120], keepRatio: true }),
    new RandomFlip({ prob: 1 }),
    new PackInputs({ metaKeys: ['img_id', 'ori_shape', 'scale_factor'] }),
  ];
  const loader = new DataLoader({
    dataset: new CocoDataset({ ...place, pipeline }),
    batchSize: 2,
    collateFn: pseudoCollate,
  });
  await loader.init();
  const found: Found[] = [];
  for await (const { inputs, samples } of loader.batches())
    (samples as Packed[]).forEach((element, i) => {
      const { gtInstances } = element;
      const image = (inputs as HostArray[])[i] as HostArray;
      const [height = 0, width = 0] = image.shape;
      const drawn = polygons
        ? cocoMask.decode(
            cocoMask.ofSegmentation((gtInstances.get('masks') as number[][][])[0] as number[][], height, width),
          )
        : undefined;
      const masks = drawn === undefined ? gtInstances.get('masks') : hostArray('uint8', [1, height, width], drawn.data);
      const boxes = (gtInstances.get('bboxes') as HostArray<'float32'>).data;
      const keypoints = gtInstances.get('keypoints') as HostArray;
      found.push({ image, element, boxes, masks: masks as HostArray<'uint8'>, keypoints });
    });
  await loader.close();
  return found;
}

describe('a pipeline of COCO', () => {
  it.each([
    ['bitmaps', false],
    ['polygons', true],
  ])('moves boxes, keypoints and %s along with the pixels of real image files', async (_, polygons) => {
    for (const { image, element, boxes, masks, keypoints } of await loaded(polygons)) {
      const [height = 0, width = 0] = image.shape;
      expect(Math.max(height, width)).toBe(120);
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = boxes;
      let [wrong, outside] = [0, 0];
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const white = Number(image.data[(y * width + x) * 3]) > 127;
          const inBox = x + 0.5 > x0 && x + 0.5 < x1 && y + 0.5 > y0 && y + 0.5 < y1;
          if (white !== inBox) outside++;
          if (white !== (masks.data[y * width + x] !== 0)) wrong++;
        }
      const edge = 2 * (x1 - x0 + y1 - y0);
      expect(outside).toBeLessThan(edge);
      expect(wrong).toBeLessThan(edge);
      expect(x1 - x0).toBeCloseTo(width / 2, 3);
      const [x = 0, y = 0, ...visible] = [...keypoints.data, ...keypoints.shape].map(Number);
      expect(visible).toEqual([2, width, 0, 0, 1, 2, 3]); // the corner that is not marked is mirrored too, as in MMCV
      const [scaleX = 1, scaleY = 1] = element.scaleFactor;
      expect([x1 - x, y - y0].map((value) => value.toFixed(3))).toEqual(
        [2 * scaleX, 2 * scaleY].map((value) => value.toFixed(3)),
      );
    }
  });

  it('gives what CocoMetric finds again, once predictions are brought back to the original image', async () => {
    const metric = new CocoMetric({ annFile: '/coco/train.json', storage });
    for (const { image, element, boxes } of await loaded(false)) {
      const [scaleX = 1, scaleY = 1] = element.scaleFactor;
      const [, width = 0] = image.shape;
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = boxes;
      const bboxes = [[(width - x1) / scaleX, y0 / scaleY, (width - x0) / scaleX, y1 / scaleY]];
      await metric.process({ samples: [element] }, [{ predInstances: { bboxes, scores: [1], labels: [0] } }]);
    }
    const values: MetricValues = await metric.evaluate(2);
    expect(values['coco/bbox_mAP']).toBeCloseTo(1, 9);
  });
});
