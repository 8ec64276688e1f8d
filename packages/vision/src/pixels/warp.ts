import type { HostArray } from '@engine/core';
import { zeros } from '@engine/dataset';
import { type ImageView, pixelsOf } from '../image.js';
import { blank, type NumberImage, roundHalfEven } from './number-image.js';

/** A plane projective map, row by row; the last element is 1, or 0 for one that moves the origin beyond all bounds. Coordinates are of pixel corners: the first pixel spans 0 to 1. */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number];

export interface WarpOptions {
  readonly height: number;
  readonly width: number;
  /** From a place of the new image to one of the old. */
  readonly inverse: Matrix;
  readonly interpolation: 'nearest' | 'bilinear';
  /** Value beyond the old image, or one a channel. */
  readonly fill: number | readonly number[];
}

/**
 * The image seen through a map, as torchvision warps tensors: the border fades into `fill`, integers are rounded.
 */
export function warp(image: NumberImage, options: WarpOptions): HostArray {
  if (options.interpolation === 'nearest') return warpNearest(image, options);
  const out = blank(image, options.height, options.width);
  const { channels, data, height, width, isInteger } = image;
  const fills = Float64Array.from({ length: channels }, (_, c) => fillAt(options.fill, c));
  const line = new Line(options.inverse);
  for (let y = 0, to = 0; y < options.height; y++) {
    for (let x = 0; x < options.width; x++, to += channels) {
      line.at(x, y);
      const [left, top] = [Math.floor(line.x), Math.floor(line.y)];
      const [right, low] = [line.x - left, line.y - top];
      const [inLeft, inRight] = [left >= 0 && left < width, left >= -1 && left < width - 1];
      const [inTop, inLow] = [top >= 0 && top < height, top >= -1 && top < height - 1];
      const nw = inTop && inLeft ? (1 - right) * (1 - low) : 0;
      const ne = inTop && inRight ? right * (1 - low) : 0;
      const sw = inLow && inLeft ? (1 - right) * low : 0;
      const se = inLow && inRight ? right * low : 0;
      const covered = nw + ne + sw + se;
      const at = (top * width + left) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        if (nw !== 0) sum += nw * (data[at + c] as number);
        if (ne !== 0) sum += ne * (data[at + channels + c] as number);
        if (sw !== 0) sum += sw * (data[at + width * channels + c] as number);
        if (se !== 0) sum += se * (data[at + (width + 1) * channels + c] as number);
        const value = sum * covered + (1 - covered) * (fills[c] as number);
        out.data[to + c] = isInteger ? roundHalfEven(value) : value;
      }
    }
  }
  return out.array;
}

/** By the nearest pixels, of any element type. */
export function warpNearest(
  image: ImageView,
  { height, width, inverse, fill }: Omit<WarpOptions, 'interpolation'>,
): HostArray {
  const { array, channels } = image;
  const out = zeros(array.dtype, array.shape.length === 2 ? [height, width] : [height, width, channels]);
  const [source, target] = [pixelsOf(array), pixelsOf(out)];
  const isBig = array.dtype === 'int64';
  const line = new Line(inverse);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += channels) {
      line.at(x, y);
      const [column, row] = [roundHalfEven(line.x), roundHalfEven(line.y)];
      const isInside = column >= 0 && column < image.width && row >= 0 && row < image.height;
      const from = (row * image.width + column) * channels;
      for (let c = 0; c < channels; c++) {
        if (isInside) target[to + c] = source[from + c] as number | bigint;
        else target[to + c] = isBig ? BigInt(Math.trunc(fillAt(fill, c))) : fillAt(fill, c);
      }
    }
  }
  return out;
}

function fillAt(fill: number | readonly number[], channel: number): number {
  return typeof fill === 'number' ? fill : (fill[fill.length === 1 ? 0 : channel] ?? 0);
}

/** Where a pixel of the new image comes from: (x, y) of the old one, where whole numbers are the middles of pixels. */
class Line {
  x = 0;
  y = 0;
  readonly #m: Matrix;

  constructor(matrix: Matrix) {
    this.#m = matrix;
  }

  at(column: number, row: number): void {
    const m = this.#m;
    const [x, y] = [column + 0.5, row + 0.5];
    const w = m[6] * x + m[7] * y + m[8];
    this.x = (m[0] * x + m[1] * y + m[2]) / w - 0.5;
    this.y = (m[3] * x + m[4] * y + m[5]) / w - 0.5;
  }
}
