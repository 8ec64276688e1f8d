import type { EngineError, HostArray, Logger } from '@engine/core';
import { DataLoader, type DataLoaderInit, datasetErrors, type Sample } from '@engine/dataset';
import { describeDataset } from '@engine/dataset/testing';
import { MemoryStorage } from '@engine/fileio';
import { describe, expect, it } from 'vitest';
import { ImageFolder, type ImageFolderInit } from './image-folder.js';
import { decodeImage } from './pixels/decode.js';
import { imageFile } from './testing/image-files.js';
import { LoadImageFromFile } from './transforms/load-image-from-file.js';
import { RandomResizedCrop } from './transforms/random-resized-crop.js';
import { Resize } from './transforms/resize.js';

const picture = (value: number, width = 8) =>
  imageFile({ width, height: 6, format: 'png', pixel: (x, y) => [value, (x * 37 + y * 91) % 256, (x * y) % 256] });
const ctx = (index: number) => ({ seed: 0, epoch: 0, index });

async function stored(files: Readonly<Record<string, Uint8Array>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [name, bytes] of Object.entries(files)) await storage.put(`/data/${name}`, bytes);
  return storage;
}

const pets = await stored({
  'dog/b.png': await picture(20),
  'dog/a.PNG': await picture(21),
  'dog/deep/c.png': await picture(22),
  'dog/deep-er/d.png': await picture(23),
  'cat/one.png': await picture(10),
  'cat/notes.txt': new TextEncoder().encode('not an image'),
  'Bird/x.png': await picture(1, 9),
  'readme.png': await picture(99),
});

async function ready(init: Partial<ImageFolderInit> = {}): Promise<ImageFolder> {
  const dataset = new ImageFolder({ root: '/data', storage: pets, ...init });
  await dataset.init();
  return dataset;
}
const recordsOf = (dataset: ImageFolder) =>
  Array.from({ length: dataset.length }, (_, i) => dataset.getDataInfo(i)).map(({ img_path, samples }) => [
    img_path,
    samples,
  ]);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing thrown',
    (error: EngineError) => error.code,
  );

describeDataset(() => new ImageFolder({ root: '/data', storage: pets }));

describe('ImageFolder', () => {
  it('lists classes and images in the order of their names, folders within folders too', async () => {
    const dataset = await ready();
    expect(dataset.metainfo.classes).toEqual(['Bird', 'cat', 'dog']);
    expect(recordsOf(dataset)).toEqual([
      ['/data/Bird/x.png', 0],
      ['/data/cat/one.png', 1],
      ['/data/dog/a.PNG', 2],
      ['/data/dog/b.png', 2],
      ['/data/dog/deep/c.png', 2],
      ['/data/dog/deep-er/d.png', 2],
    ]);
    expect([dataset.getCatIds(0), dataset.getCatIds(-1)]).toEqual([[0], [2]]);
  });

  it('gives the image, the index of its class and its path', async () => {
    const sample = (await (await ready()).get(2, ctx(2))) as Sample;
    const inputs = sample.inputs as HostArray;
    expect([inputs.dtype, inputs.shape, inputs.data[0]]).toEqual(['uint8', [6, 8, 3], 21]);
    expect([sample.samples, sample.img_path]).toEqual([2, '/data/dog/a.PNG']);
  });

  it('leaves loading to a LoadImageFromFile in the pipeline', async () => {
    const load = new LoadImageFromFile({ colorType: 'grayscale' }, { storage: pets });
    const dataset = await ready({ pipeline: [load, new Resize({ size: [3, 4] })] });
    const sample = (await dataset.get(0, ctx(0))) as Sample;
    expect((sample.inputs as HostArray).shape).toEqual([3, 4, 1]);
    expect(sample).toMatchObject({ img_shape: [3, 4], ori_shape: [6, 9], samples: 0 });
  });

  it('takes the classes it is given, in their order', async () => {
    const dataset = await ready({ metainfo: { classes: ['dog', 'cat'] } });
    expect(recordsOf(dataset).map(([, label]) => label)).toEqual([0, 0, 0, 0, 1]);
  });

  it('looks for the endings it is given', async () => {
    const dataset = await ready({ extensions: ['.TXT'], allowEmpty: true });
    expect(recordsOf(dataset)).toEqual([['/data/cat/notes.txt', 1]]);
  });

  it('keeps what it is in a subset', async () => {
    const dataset = (await ready()).getSubset([5, 0]);
    expect((await dataset.get(0, ctx(0)))?.samples).toBe(2);
  });

  it('refuses classes without an image with ENGINE_VISION_NO_CLASSES, unless allowEmpty', async () => {
    await expect(ready({ extensions: ['.txt'] })).rejects.toMatchObject({
      code: 'ENGINE_VISION_NO_CLASSES',
      received: 'none for Bird, dog',
    });
    expect(await codeOf(ready({ metainfo: { classes: ['cow'] } }))).toBe('ENGINE_VISION_NO_CLASSES');
    expect((await ready({ metainfo: { classes: ['cow', 'cat'] }, allowEmpty: true })).length).toBe(1);
  });

  it('refuses a root without folders with ENGINE_VISION_NO_CLASSES', async () => {
    for (const root of ['/data/cat', '/nowhere'])
      expect(await codeOf(ready({ root }))).toBe('ENGINE_VISION_NO_CLASSES');
  });
});

describe('damaged images in a folder', async () => {
  const whole = await picture(3);
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`a/${String(i).padStart(2, '0')}.png`, whole]),
  );
  const storage = await stored({
    ...files,
    'a/04.png': whole.subarray(0, whole.length - 30),
    'a/07.png': new Uint8Array(3),
  });

  async function loaderOf(init: Partial<DataLoaderInit> = {}, dataset: Partial<ImageFolderInit> = {}) {
    const said: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => said.push(text) } as unknown as Logger;
    const loader = new DataLoader({ dataset: await ready({ storage, ...dataset }), batchSize: 4, logger, ...init });
    await loader.init();
    return { loader, said };
  }
  async function pathsOf(loader: DataLoader): Promise<unknown[]> {
    const paths: unknown[] = [];
    for await (const batch of loader.batches()) paths.push(...(batch.img_path as unknown[]));
    return paths;
  }

  it('are replaced by others, counted, and named once at the end', async () => {
    const { loader, said } = await loaderOf();
    const paths = await pathsOf(loader);
    expect(paths).toHaveLength(12);
    expect(paths).not.toContain('/data/a/04.png');
    expect(loader.skipped.map(({ index, subject }) => [index, subject])).toEqual([
      [4, '/data/a/04.png'],
      [7, '/data/a/07.png'],
    ]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /ImageFolder: 2 samples are damaged.*\n {2}\[4\] \/data\/a\/04\.png: \d+ bytes.*\n {2}\[7\] \/data\/a\/07/,
    );
    expect(await pathsOf(loader)).toEqual(paths);
    expect(said).toHaveLength(1);
  });

  it.each([
    { init: { strict: true }, dataset: {} },
    { init: {}, dataset: { testMode: true } },
  ])('stop a run with $init $dataset', async ({ init, dataset }) => {
    const { loader, said } = await loaderOf({ ...init, batchSize: 1, prefetch: 0 }, dataset);
    const error = await pathsOf(loader).then(
      () => undefined,
      (thrown: EngineError) => thrown,
    );
    expect(error).toMatchObject({
      code: 'ENGINE_DATASET_SAMPLE_FAILED',
      cause: { code: datasetErrors.BAD_SAMPLE.code, subject: '/data/a/04.png' },
    });
    expect([loader.skipped, said]).toEqual([[], []]);
  });

  it('stop a run when none is left, with ENGINE_DATASET_NO_SAMPLE', async () => {
    const { loader } = await loaderOf({ maxRefetch: 3 }, { indices: [4, 7] });
    expect(await codeOf(pathsOf(loader))).toBe('ENGINE_DATASET_NO_SAMPLE');
  });

  it('are passed over uncounted by a loader with ignoreEmpty', async () => {
    const pipeline = [new LoadImageFromFile({ ignoreEmpty: true }, { storage })];
    const { loader } = await loaderOf({}, { pipeline });
    expect(await pathsOf(loader)).toHaveLength(12);
    expect(loader.skipped).toEqual([]);
  });
});

describe('ImageFolder before a RandomResizedCrop', async () => {
  const photo = {
    width: 90,
    height: 70,
    format: 'jpeg',
    pixel: (x: number, y: number) => [x * 2, y * 3, (x * y) % 256],
  } as const;
  const whole = await imageFile(photo);
  const files = {
    'a/plain.jpg': whole,
    'a/turned.jpg': await imageFile({ ...photo, orientation: 6 }),
    'b/grey.jpg': await imageFile({ ...photo, pixel: (x) => [x] }),
    'b/other.png': await imageFile({ ...photo, format: 'png' }),
  };
  const crop = new RandomResizedCrop({ size: [20, 30] });

  it('gives the pixels that it would give from the whole image', async () => {
    const dataset = await ready({ storage: await stored(files), pipeline: [crop] });
    for (const [index, file] of Object.values(files).entries())
      for (let epoch = 0; epoch < 12; epoch++) {
        const at = { seed: 3, epoch, index };
        const inputs = await decodeImage(file, 'test', { color: 'color', orient: true, order: 'rgb' });
        const expected = crop.transform({ inputs }, { ...at, stream: '0' });
        expect((await dataset.get(index, at))?.inputs).toEqual(expected.inputs);
      }
  });

  it('still sees that the end of a file is missing, with ENGINE_DATASET_BAD_SAMPLE', async () => {
    const half = whole.subarray(0, whole.length / 2);
    const dataset = await ready({ storage: await stored({ 'a/half.jpg': half }), pipeline: [crop] });
    for (let epoch = 0; epoch < 12; epoch++)
      await expect(dataset.get(0, { seed: 0, epoch, index: 0 })).rejects.toMatchObject({
        code: datasetErrors.BAD_SAMPLE.code,
      });
  });
});
