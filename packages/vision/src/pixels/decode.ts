import type { HostArray } from '@engine/core';
import { datasetErrors } from '@engine/dataset';
import type { Sharp } from 'sharp';
import { readBmp } from './bmp.js';
import { DecodedWindow } from './decoded-window.js';
import { readNetpbm } from './netpbm.js';
import type { Fail } from './plain-image.js';
import { plainJpegSize, type Size } from './plain-jpeg.js';
import type { Window } from './resample.js';
import { loadSharp } from './sharp.js';

/** How the pixels of a file become those of a sample. */
export interface DecodeOptions {
  /** `color`: three channels; `grayscale`: one; `unchanged`: as many as the file has (but no alpha beside grey), 16 bits as int32. */
  readonly color: 'color' | 'grayscale' | 'unchanged';
  /** Turn the image as its EXIF data says. */
  readonly orient: boolean;
  /** Order of the channels of a colour image. */
  readonly order: 'rgb' | 'bgr';
}

/**
 * Decodes JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG, BMP, PPM, PGM: (H, W, C) of uint8, row by row from the top left.
 *
 * Of an animation the first frame; 16 bits become 8 by their upper byte; alpha is dropped, not blended; a palette or grey becomes three
 * equal or looked-up channels; CMYK becomes RGB as libvips does it; colour profiles are not applied. `file` is for messages.
 *
 * @throws `ENGINE_DATASET_BAD_SAMPLE` for what is damaged or no image, `ENGINE_VISION_SHARP_MISSING`
 */
export async function decodeImage(bytes: Uint8Array, file: string, options: DecodeOptions): Promise<HostArray> {
  const sharp = await loadSharp();
  const fail: Fail = (found) => damaged(bytes, file, found);
  const plain = readBmp(bytes, fail) ?? readNetpbm(bytes, fail);
  try {
    const image = plain === undefined ? sharp(bytes, READING) : sharp(plain.data, { raw: plain });
    const { depth, space } = options.color === 'unchanged' ? await image.metadata() : PLAIN;
    const upright = options.orient ? image.autoOrient() : image;
    const { data, info } = await inColours(upright, options, space)
      .raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const shape = [info.height, info.width, info.channels];
    if (depth === 'ushort') {
      const wide = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
      return ordered({ dtype: 'int32', shape, data: Int32Array.from(wide) }, options);
    }
    return ordered({ dtype: 'uint8', shape, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }, options);
  } catch (cause) {
    throw damaged(bytes, file, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const READING = { failOn: 'error', ignoreIcc: true, sequentialRead: true } as const;

/**
 * Decodes for those who want a window of the picture, which `choose` says when it knows the size: no more of a JPEG that is stored upright, and of
 * other files everything. Damage below the window may stay unseen, but not that the file's end is missing. In red, green, blue, oriented.
 * @throws as {@link decodeImage}
 */
export async function decodeWindow(
  bytes: Uint8Array,
  file: string,
  choose: (size: Size) => Window,
): Promise<HostArray | DecodedWindow> {
  const size = plainJpegSize(bytes);
  if (size === undefined) return decodeImage(bytes, file, { color: 'color', orient: true, order: 'rgb' });
  const sharp = await loadSharp();
  const window = choose(size);
  const { top, left, height, width } = window;
  try {
    const data = await sharp(bytes, READING).extract({ top, left, height, width }).raw().toBuffer();
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return new DecodedWindow(size, window, { dtype: 'uint8', shape: [height, width, 3], data: pixels });
  } catch (cause) {
    throw damaged(bytes, file, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const PLAIN = { depth: 'uchar', space: 'srgb' };
const KEPT: ReadonlySet<string> = new Set(['b-w', 'grey16', 'rgb16']);

function inColours(image: Sharp, { color }: DecodeOptions, space: string): Sharp {
  if (color === 'color') return image.removeAlpha().toColourspace('srgb');
  if (color === 'grayscale') return image.removeAlpha().toColourspace('b-w');
  return image.toColourspace(KEPT.has(space) ? space : 'srgb');
}

function ordered(image: HostArray<'uint8' | 'int32'>, { order }: DecodeOptions): HostArray {
  const [, , channels = 0] = image.shape;
  if (order === 'bgr' && channels >= 3) swapRedAndBlue(image.data, channels);
  return image;
}

/** In place. */
function swapRedAndBlue(data: Uint8Array | Int32Array, channels: number): void {
  for (let i = 0; i < data.length; i += channels) {
    const red = data[i] as number;
    data[i] = data[i + 2] as number;
    data[i + 2] = red;
  }
}

function damaged(bytes: Uint8Array, file: string, said: string, cause?: unknown): Error {
  return datasetErrors.BAD_SAMPLE({
    subject: file,
    expected: 'a whole image (JPEG, PNG, WebP, GIF, TIFF, AVIF, SVG, BMP, PPM, PGM)',
    received: `${bytes.length} bytes: ${said.split('\n')[0]}`,
    action: 'fetch or write the file again, convert it to PNG, or take it out of the dataset',
    cause,
  });
}
