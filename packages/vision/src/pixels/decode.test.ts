import { readFileSync } from 'node:fs';
import type { HostArray } from '@engine/core';
import { zeros } from '@engine/dataset';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageFile } from '../testing/image-files.js';
import { type DecodeOptions, decodeImage, decodeWindow } from './decode.js';
import { DecodedWindow } from './decoded-window.js';
import { importSharp } from './sharp.js';

const plain: DecodeOptions = { color: 'color', orient: true, order: 'rgb' };
const decode = (bytes: Uint8Array, options: Partial<DecodeOptions> = {}) =>
  decodeImage(bytes, 'a.file', { ...plain, ...options });
const at = ({ shape, data }: HostArray, x: number, y: number) => {
  const [, width = 0, channels = 0] = shape;
  return [...data.slice((y * width + x) * channels, (y * width + x + 1) * channels)].map(Number);
};
const small = { width: 6, height: 4 };

describe('decodeImage', () => {
  it.each(['png', 'webp', 'gif', 'tiff', 'jpeg'] as const)(
    'reads %s: rows from the top, red, green, blue',
    async (format) => {
      const image = await decode(
        await imageFile({ width: 40, height: 30, format, pixel: (x, y) => [x > 19 ? 255 : 0, y > 14 ? 255 : 0, 0] }),
      );
      expect([image.dtype, image.shape]).toEqual(['uint8', [30, 40, 3]]);
      for (const [x, y] of [
        [4, 4],
        [34, 4],
        [4, 25],
        [34, 25],
      ] as const)
        for (const [c, value] of at(image, x, y).entries())
          expect(Math.abs(value - [x > 19 ? 255 : 0, y > 14 ? 255 : 0, 0][c]!)).toBeLessThan(8);
    },
  );

  it('gives every pixel of a lossless file as it is', async () => {
    const image = await decode(await imageFile({ ...small, format: 'png' }));
    for (let y = 0; y < 4; y++) for (let x = 0; x < 6; x++) expect(at(image, x, y)).toEqual([x, y, 7]);
    const turned = await decode(await imageFile({ ...small, format: 'png' }), { order: 'bgr' });
    expect(at(turned, 5, 2)).toEqual([7, 2, 5]);
  });

  it('turns an image as its EXIF data says, or does not', async () => {
    const file = await imageFile({ ...small, format: 'png', orientation: 6 }); // the top is at the right
    const upright = await decode(file);
    expect(upright.shape).toEqual([6, 4, 3]);
    expect(at(upright, 3, 0)).toEqual([0, 0, 7]);
    expect((await decode(file, { orient: false })).shape).toEqual([4, 6, 3]);
  });

  it('repeats grey in three channels, and makes one of colour', async () => {
    const grey = await imageFile({ ...small, format: 'png', pixel: (x, y) => [10 * x + y] });
    expect(at(await decode(grey), 3, 2)).toEqual([32, 32, 32]);
    const one = await decode(await imageFile({ ...small, format: 'png', pixel: () => [200, 200, 200] }), {
      color: 'grayscale',
    });
    expect([one.shape, at(one, 1, 1)]).toEqual([[4, 6, 1], [200]]);
  });

  it.each([1, 3, 4])('keeps %i channels as they are when asked to', async (channels) => {
    const pixel = (x: number, y: number) => [10 * x + y, 255 - x, y, 128 + x].slice(0, channels);
    const file = await imageFile({ ...small, format: 'png', pixel });
    const image = await decode(file, { color: 'unchanged' });
    expect(image.shape).toEqual([4, 6, channels]);
    expect(at(image, 4, 3)).toEqual(pixel(4, 3));
  });

  it('drops alpha without blending, or keeps it', async () => {
    const file = await imageFile({ ...small, format: 'png', pixel: (x) => [100, 150, 200, 40 * x] });
    const image = await decode(file);
    expect([image.shape, at(image, 0, 0), at(image, 3, 3)]).toEqual([
      [4, 6, 3],
      [100, 150, 200],
      [100, 150, 200],
    ]);
    const kept = await decode(file, { color: 'unchanged' });
    expect([kept.shape, at(kept, 3, 3)]).toEqual([
      [4, 6, 4],
      [100, 150, 200, 120],
    ]);
  });

  it.each([1, 3] as const)('takes the upper byte of 16 bits, or all of them (%i channels)', async (channels) => {
    const wide = Uint16Array.from({ length: 6 * 4 * channels }, (_, i) => i * 700);
    const raw = sharp(wide, { raw: { ...small, channels } });
    const file = new Uint8Array(
      await raw
        .toColourspace(channels === 1 ? 'grey16' : 'rgb16')
        .png()
        .toBuffer(),
    );
    const image = await decode(file);
    expect(image.dtype).toBe('uint8');
    expect(at(image, 5, 3)[2]).toBe((wide.at(-1) as number) >> 8);
    const kept = await decode(file, { color: 'unchanged' });
    expect([kept.dtype, kept.shape]).toEqual(['int32', [4, 6, channels]]);
    expect(Array.from(kept.data, Number)).toEqual([...wide]);
  });

  it('makes red, green, blue of CMYK', async () => {
    const white = sharp({ create: { ...small, channels: 3, background: 'white' } });
    const file = new Uint8Array(await white.toColourspace('cmyk').jpeg().toBuffer());
    const image = await decode(file);
    expect(image.shape).toEqual([4, 6, 3]);
    for (const value of at(image, 2, 2)) expect(value).toBeGreaterThan(245);
  });

  it('takes the first picture of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(6 * 4 * 3, 255), Buffer.alloc(6 * 4 * 3, 0)]);
    const animation = sharp(frames, { raw: { width: 6, height: 8, channels: 3, pageHeight: 4 } });
    const image = await decode(new Uint8Array(await animation.gif().toBuffer()));
    expect([image.shape, at(image, 1, 1)]).toEqual([
      [4, 6, 3],
      [255, 255, 255],
    ]);
  });

  it.each(['png', 'jpeg', 'webp', 'gif', 'tiff'] as const)(
    'refuses a %s that is cut off with ENGINE_DATASET_BAD_SAMPLE',
    async (format) => {
      const file = await imageFile({
        width: 64,
        height: 64,
        format,
        pixel: (x, y) => [(x * 37 + y * 91) % 256, (x * y) % 256, x],
      });
      await expect(decode(file.subarray(0, Math.floor(file.length / 2)))).rejects.toMatchObject({
        code: 'ENGINE_DATASET_BAD_SAMPLE',
        subject: 'a.file',
        received: expect.stringContaining(`${Math.floor(file.length / 2)} bytes`) as string,
      });
    },
  );

  it('refuses what is damaged inside, empty or no image with ENGINE_DATASET_BAD_SAMPLE', async () => {
    const file = await imageFile({
      width: 64,
      height: 64,
      format: 'png',
      pixel: (x, y) => [(x * 37 + y * 91) % 256, (x * y) % 256, x],
    });
    const damaged = file.slice();
    damaged.fill(0xa5, file.length / 2, file.length / 2 + 40);
    for (const bytes of [damaged, new Uint8Array(0), new TextEncoder().encode('hello, this is no image')])
      await expect(decode(bytes)).rejects.toMatchObject({ code: 'ENGINE_DATASET_BAD_SAMPLE' });
  });
});

describe('the same pixels as Pillow decodes', () => {
  const { files } = JSON.parse(
    readFileSync(new URL('../../../../tooling/golden/numerics/transforms.json', import.meta.url), 'utf8'),
  ) as { files: { name: string; file: string; output: { shape: number[]; data: string } }[] };

  it.each(files)('of a $name', async ({ file, output }) => {
    const image = await decode(new Uint8Array(Buffer.from(file, 'base64')));
    expect(image.shape).toEqual(output.shape);
    expect(Buffer.from(image.data as Uint8Array).equals(Buffer.from(output.data, 'base64'))).toBe(true);
  });
});

describe('decodeWindow', () => {
  const window = { top: 9, left: 5, height: 11, width: 16 };
  const photo = { width: 40, height: 30, pixel: (x: number, y: number) => [x * 6, y * 8, x + y] };

  it('decodes a window of a JPEG to the pixels of the whole; the rest is black', async () => {
    const file = await imageFile({ ...photo, format: 'jpeg' });
    const sizes: unknown[] = [];
    const part = await decodeWindow(file, 'a.jpg', (size) => {
      sizes.push(size);
      return window;
    });
    expect(sizes).toEqual([{ height: 30, width: 40 }]);
    expect(part).toBeInstanceOf(DecodedWindow);
    const [seen, all] = [(part as DecodedWindow).compute(zeros), await decode(file)];
    expect(seen.shape).toEqual(all.shape);
    for (const [x, y] of [
      [5, 9],
      [20, 19],
      [13, 14],
    ] as const)
      expect(at(seen, x, y)).toEqual(at(all, x, y));
    for (const [x, y] of [
      [4, 9],
      [21, 19],
      [5, 8],
      [20, 20],
    ] as const)
      expect(at(seen, x, y)).toEqual([0, 0, 0]);
  });

  it('decodes all of other files, and refuses damaged ones with ENGINE_DATASET_BAD_SAMPLE', async () => {
    const never = () => expect.unreachable('the size is not known');
    const file = await imageFile({ ...photo, format: 'png' });
    expect(await decodeWindow(file, 'a.png', never)).toEqual(await decode(file));
    const jpeg = await imageFile({ ...photo, format: 'jpeg' });
    const damaged = jpeg.slice();
    damaged.fill(0, 24, 80); // tables
    await expect(decodeWindow(damaged, 'a.jpg', () => window)).rejects.toMatchObject({
      code: 'ENGINE_DATASET_BAD_SAMPLE',
      subject: 'a.jpg',
    });
  });
});

describe('files that are not compressed', () => {
  interface Recorded {
    readonly name: string;
    readonly file: string;
    /** As Pillow calls it: L and 1 are grey, I is grey of more than 8 bits. */
    readonly mode: string;
    readonly output: number[];
  }
  const { files } = JSON.parse(
    readFileSync(new URL('../../../../tooling/golden/numerics/plain_images.json', import.meta.url), 'utf8'),
  ) as { files: Recorded[] };
  const bytesOf = ({ file }: Pick<Recorded, 'file'>) => new Uint8Array(Buffer.from(file, 'base64'));
  const numbers = ({ data }: HostArray) => Array.from(data, Number);

  it.each(files)('are read as Pillow reads them: $name', async ({ mode, output, ...recorded }) => {
    const image = await decode(bytesOf(recorded));
    expect([image.dtype, image.shape]).toEqual(['uint8', [4, 5, 3]]);
    const deep = await decode(bytesOf(recorded), { color: 'unchanged' });
    if (mode === 'I') {
      expect([deep.dtype, deep.shape, numbers(deep)]).toEqual(['int32', [4, 5, 1], output]);
      expect(numbers(image)).toEqual(output.flatMap((value) => [value >> 8, value >> 8, value >> 8]));
      return;
    }
    const isGrey = mode === 'L' || mode === '1';
    expect(numbers(image)).toEqual(output);
    expect(deep.shape).toEqual([4, 5, isGrey ? 1 : 3]);
    expect(numbers(deep)).toEqual(isGrey ? output.filter((_, i) => i % 3 === 0) : output);
  });

  it('take the options that other files take', async () => {
    const file = bytesOf(files[0] as Recorded);
    const [rgb, bgr] = [await decode(file), await decode(file, { order: 'bgr' })];
    expect(at(bgr, 3, 2)).toEqual(at(rgb, 3, 2).reverse());
    expect((await decode(file, { color: 'grayscale' })).shape).toEqual([4, 5, 1]);
  });

  it('are refused with ENGINE_DATASET_BAD_SAMPLE wherever they are cut off', async () => {
    for (const recorded of files) {
      const bytes = bytesOf(recorded);
      const ends = [0, 1, 2, 10, 26, 53, 54, 60, bytes.length - 20, bytes.length - 1];
      for (const end of ends.filter((at) => at < bytes.length))
        await expect(decode(bytes.subarray(0, end))).rejects.toMatchObject({ code: 'ENGINE_DATASET_BAD_SAMPLE' });
    }
  });

  const changed = (at: number, ...values: number[]) => {
    const bytes = bytesOf(files[0] as Recorded);
    bytes.set(values, at);
    return bytes;
  };
  const text = (value: string) => new TextEncoder().encode(value);
  it.each([
    ['a compressed BMP', changed(30, 1), /24 bits, compression 1/],
    ['a BMP of 16 bits', changed(28, 16), /16 bits, compression 0/],
    ['a BMP of OS/2', changed(14, 12), /kind 12/],
    ['a BMP without width', changed(18, 0), /0 x 4 pixels/],
    ['a BMP that says it is huge', changed(18, 255, 255, 255, 127), /2147483647 x 4 pixels that is cut off/],
    ['a PGM without values', text('P5 1 1 0\n1'), /values up to 0/],
    ['a PGM of three bytes a value', text('P5 1 1 65536\n111'), /values up to 65536/],
    ['a PPM without rows', text('P6 1 0 255\n111'), /1 x 0 pixels/],
    ['a PPM that says it is huge', text(`P6 ${'9'.repeat(400)} 9 255\n111`), /cut off/],
  ])('are refused where they are %s', async (_, bytes, received) => {
    await expect(decode(bytes)).rejects.toMatchObject({
      code: 'ENGINE_DATASET_BAD_SAMPLE',
      received: expect.stringMatching(received) as string,
    });
  });
});

describe('importSharp', () => {
  it('says what to install when it is missing, with ENGINE_VISION_SHARP_MISSING', async () => {
    const missing = importSharp(() => Promise.reject(new Error("Cannot find package 'sharp' imported from x\nmore")));
    await expect(missing).rejects.toMatchObject({
      code: 'ENGINE_VISION_SHARP_MISSING',
      received: "Cannot find package 'sharp' imported from x",
      action: expect.stringContaining('npm install sharp') as string,
    });
  });
});
