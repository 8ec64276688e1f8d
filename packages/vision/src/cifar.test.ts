import { gzipSync } from 'node:zlib';
import type { EngineError, HostArray } from '@engine/core';
import { DataLoader, type Sample } from '@engine/dataset';
import { describeDataset } from '@engine/dataset/testing';
import { MemoryStorage } from '@engine/fileio';
import { describe, expect, it } from 'vitest';
import { CIFAR10, CIFAR100 } from './cifar.js';
import { tarFile } from './testing/index.js';

const PLANE = 1024;
const plain = (index: number) => ({ seed: 0, epoch: 0, index });

/** Records as the binary version has them; the pixel at `p` of the image `i` is (i, p % 251, (p * 7 + i) % 256). */
function records(count: number, labels: (index: number) => readonly number[], first = 0): Uint8Array {
  const bytes: number[] = [];
  for (let i = first; i < first + count; i += 1) {
    bytes.push(...labels(i));
    for (const channel of [() => i % 256, (p: number) => p % 251, (p: number) => (p * 7 + i) % 256])
      for (let p = 0; p < PLANE; p += 1) bytes.push(channel(p));
  }
  return Uint8Array.from(bytes);
}

const ten = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map((part) => [`data_batch_${part}.bin`, records(2, (i) => [i % 10], 2 * part - 2)]),
  ),
  'test_batch.bin': records(3, (i) => [9 - i]),
  'readme.html': new TextEncoder().encode('<html>'),
};
const hundred = { 'train.bin': records(4, (i) => [i % 20, 99 - i]), 'test.bin': records(2, (i) => [19, i]) };

async function stored(files: Readonly<Record<string, Uint8Array>>, folder = ''): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [name, bytes] of Object.entries(files)) await storage.put(storage.join('/data', folder, name), bytes);
  return storage;
}
const archived = (files: Readonly<Record<string, Uint8Array>>, folder: string): Uint8Array =>
  new Uint8Array(
    gzipSync(tarFile(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes])))),
  );
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing thrown',
    (error: EngineError) => error.code,
  );

const whole = await stored({ 'cifar-10-binary.tar.gz': archived(ten, 'cifar-10-batches-bin') });
describeDataset(() => new CIFAR10({ root: '/data', storage: whole }));

describe('CIFAR10', () => {
  it.each([
    ['the archive', async () => whole],
    ['its folder', () => stored(ten, 'cifar-10-batches-bin')],
    ['the files', () => stored(ten)],
  ])('reads %s: images in the order of the files, channels last', async (_, make) => {
    const dataset = new CIFAR10({ root: '/data', storage: await make() });
    await dataset.init();
    expect(dataset.length).toBe(10);
    for (let index = 0; index < 10; index += 1) {
      const { inputs, samples } = dataset.get(index, plain(index)) as Sample & { inputs: HostArray };
      expect(samples).toBe(index);
      expect(inputs.shape).toEqual([32, 32, 3]);
      for (const p of [0, 1, 33, 1023])
        expect([...inputs.data.subarray(3 * p, 3 * p + 3)]).toEqual([index, p % 251, (p * 7 + index) % 256]);
    }
  });

  it('has a test set of its own, and classes', async () => {
    const dataset = new CIFAR10({ root: '/data', train: false, storage: whole });
    await dataset.init();
    expect([dataset.length, dataset.testMode]).toEqual([3, true]);
    expect([0, 1, 2].map((index) => (dataset.get(index, plain(index)) as Sample).samples)).toEqual([9, 8, 7]);
    expect(dataset.metainfo).toMatchObject({ datasetType: 'CIFAR10', classes: { length: 10, 3: 'cat' } });
  });

  it('makes batches', async () => {
    const loader = new DataLoader({ dataset: new CIFAR10({ root: '/data', storage: whole }), batchSize: 4 });
    await loader.init();
    for await (const { inputs } of loader.batches()) expect((inputs as HostArray).shape.slice(1)).toEqual([32, 32, 3]);
  });

  it('is shared with worker threads without being read again', async () => {
    const [reader, other] = [new CIFAR10({ root: '/data', storage: whole }), new CIFAR10({ root: '/nowhere' })];
    await reader.init();
    const images = reader.share();
    other.adopt(images);
    await other.init();
    expect(other.get(7, plain(7))).toEqual(reader.get(7, plain(7)));
    expect(images.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(other.share().pixels).toBe(images.pixels);
  });

  it.each([
    ['ENGINE_VISION_RECORD_LENGTH', { 'data_batch_3.bin': records(1, () => [0]).subarray(1) }],
    ['ENGINE_VISION_RECORD_LENGTH', { 'data_batch_1.bin': new Uint8Array() }],
    ['ENGINE_VISION_LABEL_RANGE', { 'data_batch_5.bin': records(1, () => [10]) }],
  ])('refuses damaged files: %s', async (code, damage) => {
    const storage = await stored({ ...ten, ...damage });
    expect(await codeOf(new CIFAR10({ root: '/data', storage }).init())).toBe(code);
  });

  it.each([
    ['ENGINE_VISION_BAD_GZIP', archived(ten, 'cifar-10-batches-bin').subarray(0, 900)],
    ['ENGINE_VISION_BAD_TAR', new Uint8Array(gzipSync(new Uint8Array(2000).fill(65)))],
    ['ENGINE_VISION_FILES_NOT_FOUND', archived(ten, 'cifar-10-batches-py')],
  ])('refuses damaged archives: %s', async (code, archive) => {
    const storage = await stored({ 'cifar-10-binary.tar.gz': archive });
    expect(await codeOf(new CIFAR10({ root: '/data', storage }).init())).toBe(code);
  });

  it('says where it has looked, and that the version for Python is another one', async () => {
    const dataset = new CIFAR10({ root: '/data', storage: new MemoryStorage() });
    await expect(dataset.init()).rejects.toMatchObject({
      code: 'ENGINE_VISION_FILES_NOT_FOUND',
      expected:
        'one of /data/cifar-10-batches-bin/data_batch_1.bin, /data/data_batch_1.bin, /data/cifar-10-binary.tar.gz',
      action: expect.stringContaining('not the one for Python'),
    });
    await expect(new CIFAR10().init()).rejects.toThrow(/FILES_NOT_FOUND[^]*download: true/);
  });
});

const fine = await stored({ 'cifar-100-binary.tar.gz': archived(hundred, 'cifar-100-binary') });
describeDataset(() => new CIFAR100({ root: '/data', storage: fine }));

describe('CIFAR100', () => {
  it('gives the fine class, which stands behind the coarse one', async () => {
    const dataset = new CIFAR100({ root: '/data', storage: fine });
    await dataset.init();
    expect([0, 1, 2, 3].map((index) => (dataset.get(index, plain(index)) as Sample).samples)).toEqual([99, 98, 97, 96]);
    const { inputs } = dataset.get(2, plain(2)) as Sample & { inputs: HostArray };
    expect([...inputs.data.subarray(300, 303)]).toEqual([2, 100, (700 % 256) + 2]);
    const { classes } = dataset.metainfo;
    expect(new Set(classes).size).toBe(100);
    expect(classes).toEqual([...(classes ?? [])].sort());
  });
});
