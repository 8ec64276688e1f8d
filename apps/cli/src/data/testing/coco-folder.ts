import { folderOf, type TestFolder } from '../../testing.js';

/** A transform file: makes the image of a record, gray by its id, and fails or drops it when told to. */
const TRANSFORMS = `
import { hostArray } from '@engine/core';
import { defineTransform } from '@engine/dataset';
import * as z from 'zod/mini';

const ids = z._default(z.array(z.int()), []);
export const Paint = defineTransform({
  name: 'Paint',
  options: z.strictObject({ broken: ids, dropped: ids }),
  create: ({ broken, dropped }) => ({
    async transform(sample) {
      const { img_id: id, height, width } = sample;
      if (broken.includes(id)) return Promise.reject(new Error(id + '.png: it ends too early'));
      if (dropped.includes(id)) return null;
      return { ...sample, inputs: hostArray('uint8', [height, width, 3], new Uint8Array(height * width * 3).fill(id * 10)) };
    },
  }),
  doc: 'An image of one colour.',
});
export const Halve = defineTransform({
  name: 'Halve',
  options: z.strictObject({}),
  create: () => ({
    transform: (sample) => ({ ...sample, inputs: hostArray('float32', sample.inputs.shape, Float32Array.from(sample.inputs.data, (v) => v / 2)) }),
  }),
  doc: 'Half as bright.',
});
`;

const annotation = (id: number, image_id: number, bbox: number[], more: object): object => ({
  id,
  image_id,
  bbox,
  area: (bbox[2] as number) * (bbox[3] as number),
  iscrowd: 0,
  ...more,
});

const FILE = {
  images: [
    { id: 10, file_name: '10.png', width: 64, height: 64 },
    { id: 11, file_name: '11.png', width: 200, height: 120 },
    { id: 12, file_name: '12.png', width: 64, height: 64 },
  ],
  categories: [
    { id: 3, name: 'cat' },
    { id: 7, name: 'dog' },
  ],
  annotations: [
    annotation(1, 10, [4, 6, 10, 5], { category_id: 3, segmentation: [[4, 6, 14, 6, 14, 11]] }),
    annotation(2, 10, [20, 20, 40, 40], { category_id: 7, segmentation: { size: [64, 64], counts: [1300, 40, 2756] } }),
    annotation(3, 11, [0, 0, 8, 30], { category_id: 7, iscrowd: 1 }),
    annotation(4, 11, [50, 10, 100, 100], { category_id: 7 }),
  ],
};

/** A config of a small COCO dataset whose images a transform paints: 0 is `Paint`, 1 `Halve`. `broken`, `dropped`: ids of images. */
export function cocoFolder({ broken = [], dropped = [] }: { broken?: number[]; dropped?: number[] } = {}): TestFolder {
  const beside = new URL('../../', import.meta.url);
  const folder = folderOf({ 'instances.json': JSON.stringify(FILE), 'paint.ts': TRANSFORMS }, beside);
  const dataset = {
    type: 'RepeatDataset',
    times: 1,
    dataset: {
      type: 'CocoDataset',
      annFile: folder.file('instances.json'),
      pipeline: [{ type: 'Paint', broken, dropped }, { type: 'Halve' }],
    },
  };
  const config = {
    customImports: ['./paint.ts'],
    trainDataloader: { dataset, batchSize: 2, numWorkers: 2, collateFn: { type: 'pseudoCollate' } },
  };
  folder.write('config.json', JSON.stringify(config));
  return folder;
}
