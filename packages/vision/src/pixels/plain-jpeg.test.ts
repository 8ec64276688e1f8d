import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageFile } from '../testing/image-files.js';
import { plainJpegSize } from './plain-jpeg.js';

const size = { width: 40, height: 24 };
const photo = (options: { orientation?: number; pixel?: () => number[] } = {}) =>
  imageFile({ ...size, format: 'jpeg', ...options });

describe('plainJpegSize', () => {
  it.each([false, true])('reads the size from the headers (progressive: %s)', async (progressive) => {
    const image = sharp({ create: { ...size, channels: 3, background: 'red' } });
    const file = new Uint8Array(await image.jpeg({ progressive }).toBuffer());
    expect(plainJpegSize(file)).toEqual({ height: 24, width: 40 });
    const inside = new Uint8Array(file.length + 3);
    inside.set(file, 3);
    expect(plainJpegSize(inside.subarray(3))).toEqual({ height: 24, width: 40 });
  });

  it.each([1, 2, 3, 6, 8])('knows nothing of one that is to be turned (orientation %i)', async (orientation) => {
    const upright = { height: 24, width: 40 };
    expect(plainJpegSize(await photo({ orientation }))).toEqual(orientation === 1 ? upright : undefined);
  });

  it('reads both byte orders of EXIF data, and passes over what it cannot read', async () => {
    const file = await photo();
    const exif = (orientation: number, little: boolean, fields = 8) => {
      const segment = new DataView(new ArrayBuffer(36));
      const order = little ? 0x4949 : 0x4d4d;
      for (const [at, value] of [
        [0, 0xffe1],
        [2, 34],
        [4, 0x4578],
        [6, 0x6966],
        [10, order],
      ] as const)
        segment.setUint16(at, value);
      segment.setUint16(12, 42, little);
      segment.setUint32(14, fields, little);
      segment.setUint16(18, 1, little);
      segment.setUint16(20, 0x0112, little);
      segment.setUint16(22, 3, little);
      segment.setUint32(24, 1, little);
      segment.setUint16(28, orientation, little);
      return Uint8Array.of(...file.subarray(0, 2), ...new Uint8Array(segment.buffer), ...file.subarray(2));
    };
    for (const little of [true, false]) {
      expect(plainJpegSize(exif(1, little))).toEqual({ height: 24, width: 40 });
      expect(plainJpegSize(exif(6, little))).toBeUndefined();
      expect(plainJpegSize(exif(1, little, 4000))).toBeUndefined();
    }
  });

  it('knows nothing of grey, CMYK, other formats, and files without their end', async () => {
    const cmyk = sharp({ create: { ...size, channels: 3, background: 'white' } }).toColourspace('cmyk');
    const whole = await photo();
    for (const file of [
      await photo({ pixel: () => [7] }),
      new Uint8Array(await cmyk.jpeg().toBuffer()),
      await imageFile({ ...size, format: 'png' }),
      whole.subarray(0, whole.length - 1),
      new Uint8Array(0),
    ])
      expect(plainJpegSize(file)).toBeUndefined();
  });

  it('does not fail on any bytes', async () => {
    const whole = await photo();
    const change = fc.record({ at: fc.nat(whole.length - 3), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const file = whole.slice();
        for (const { at, value } of changes) file[at] = value;
        const found = plainJpegSize(file);
        if (found !== undefined) expect(Math.min(found.height, found.width)).toBeGreaterThan(0);
      }),
    );
  });
});
