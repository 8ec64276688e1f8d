import { inflateSync } from 'node:zlib';
import { hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from './image.js';
import { encodePng } from './png.js';

/** The chunks of a PNG file by type. */
function chunksOf(png: Uint8Array): Map<string, Buffer> {
  const file = Buffer.from(png);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    chunks.set(file.toString('latin1', at + 4, at + 8), file.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return chunks;
}

/** Undoes PNG's filter 2, the only one used. */
function pixelsOf(png: Uint8Array, stride: number): number[] {
  const lines = inflateSync(chunksOf(png).get('IDAT') ?? Buffer.alloc(0));
  const pixels: number[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (at % (stride + 1) === 0) expect(lines[at]).toBe(2);
    else pixels.push(((lines[at] ?? 0) + (pixels.at(-stride) ?? 0) * Number(pixels.length >= stride)) & 255);
  }
  return pixels;
}

describe('encodePng', () => {
  it('gives every pixel back, gray, RGB and RGBA', async () => {
    const pictures = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(1, 3, 4))
      .chain(([height, width, channels]) => {
        const size = height * width * channels;
        return fc
          .uint8Array({ minLength: size, maxLength: size })
          .map((data) => hostArray('uint8', [height, width, channels], data));
      });
    await fc.assert(
      fc.asyncProperty(pictures, async (image) => {
        const [height = 0, width = 0, channels = 0] = image.shape;
        const png = await encodePng(image);
        const header = chunksOf(png).get('IHDR');
        expect([header?.readUInt32BE(0), header?.readUInt32BE(4), header?.[8]]).toEqual([width, height, 8]);
        expect(header?.[9]).toBe({ 1: 0, 3: 2, 4: 6 }[channels]);
        expect(pixelsOf(png, width * channels)).toEqual([...image.data]);
      }),
      { numRuns: 30 },
    );
  });

  it('begins and ends as every PNG file does', async () => {
    const png = Buffer.from(await encodePng(hostArray('uint8', [1, 1, 1], Uint8Array.from([0]))));
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082'); // the checksum of an empty IEND is well known
  });

  it('refuses what is no picture', async () => {
    const bad = [
      hostArray('float32', [1, 1, 3], new Float32Array(3)) as unknown as Image,
      hostArray('uint8', [1, 1, 2], new Uint8Array(2)),
      hostArray('uint8', [4, 4], new Uint8Array(16)),
      hostArray('uint8', [0, 4, 3], new Uint8Array(0)),
    ];
    for (const image of bad) await expect(encodePng(image)).rejects.toThrow('ENGINE_VISUALIZATION_BAD_IMAGE');
  });
});
