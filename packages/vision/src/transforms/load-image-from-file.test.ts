import type { HostArray } from '@engine/core';
import { describeTransform } from '@engine/dataset/testing';
import { MemoryStorage } from '@engine/fileio';
import { describe, expect, it } from 'vitest';
import { imageFile } from '../testing/image-files.js';
import { LoadImageFromFile, type LoadImageFromFileOptions } from './load-image-from-file.js';

const storage = new MemoryStorage();
await storage.put('/a.png', await imageFile({ width: 5, height: 3, format: 'png', orientation: 8 }));
await storage.put('/bad.png', new Uint8Array(9));
const load = (options: LoadImageFromFileOptions = {}, path: unknown = '/a.png') =>
  new LoadImageFromFile(options, { storage }).transform({ img_path: path, kept: 1 });

describeTransform(() => new LoadImageFromFile({}, { storage }), { samples: [{ img_path: '/a.png' }] });

describe('LoadImageFromFile', () => {
  it('sets image and sizes, and keeps the rest', async () => {
    const sample = await load();
    expect(sample).toMatchObject({ kept: 1, img_path: '/a.png', img_shape: [5, 3], ori_shape: [5, 3] });
    expect((sample?.inputs as HostArray | undefined)?.shape).toEqual([5, 3, 3]);
    expect(sample).not.toHaveProperty('channel_order');
  });

  it.each([
    ['color', [5, 3, 3]],
    ['color_ignore_orientation', [3, 5, 3]],
    ['grayscale', [5, 3, 1]],
    ['grayscale_ignore_orientation', [3, 5, 1]],
    ['unchanged', [3, 5, 3]],
  ] as const)('loads colorType %s as %j', async (colorType, shape) => {
    expect(((await load({ colorType }))?.inputs as HostArray | undefined)?.shape).toEqual(shape);
  });

  it('gives blue, green, red, and floats, when asked to', async () => {
    const rgb = (await load())?.inputs as HostArray;
    const sample = await load({ channelOrder: 'bgr', toFloat32: true });
    const bgr = sample?.inputs as HostArray;
    expect([bgr.dtype, sample?.channel_order]).toEqual(['float32', 'bgr']);
    expect([...bgr.data.slice(0, 3)]).toEqual([...rgb.data.slice(0, 3)].reverse());
  });

  it('gives null for a file that is damaged or missing with ignoreEmpty', async () => {
    expect(await load({ ignoreEmpty: true }, '/bad.png')).toBeNull();
    expect(await load({ ignoreEmpty: true }, '/none.png')).toBeNull();
    await expect(load({}, '/bad.png')).rejects.toMatchObject({ code: 'ENGINE_DATASET_BAD_SAMPLE' });
    await expect(load({}, '/none.png')).rejects.toMatchObject({ code: 'ENGINE_FILEIO_NOT_FOUND' });
  });

  it.each([undefined, 3, null])(
    'refuses img_path = %s with ENGINE_VISION_NO_PATH, ignoreEmpty or not',
    async (path) => {
      const transform = new LoadImageFromFile({ ignoreEmpty: true }, { storage });
      await expect(transform.transform(path === undefined ? {} : { img_path: path })).rejects.toMatchObject({
        code: 'ENGINE_VISION_NO_PATH',
      });
    },
  );
});
