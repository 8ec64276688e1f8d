import type { HostArray } from '@engine/core';
import { zeros } from '@engine/dataset';
import { type ImageView, pixelsOf } from '../image.js';
import type { Window } from './resample.js';

export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/** What lies beyond the border: `fill` (a value, or one a channel), or the image again. */
export interface Beyond {
  readonly mode: PaddingMode;
  readonly fill: number | readonly number[];
}

export const NOTHING: Beyond = { mode: 'constant', fill: 0 };

/** What is seen through a window, which may reach beyond the image. */
export function cut(image: ImageView, window: Window, { mode, fill }: Beyond = NOTHING): HostArray {
  const { array, channels } = image;
  const out = zeros(
    array.dtype,
    array.shape.length === 2 ? [window.height, window.width] : [window.height, window.width, channels],
  );
  if (mode === 'constant') {
    fillAll(out, fill, channels);
    copyInside(image, window, out);
    return out;
  }
  const [source, target] = [pixelsOf(array), pixelsOf(out)];
  const columns = Int32Array.from(
    { length: window.width },
    (_, x) => mirrored(x + window.left, image.width, mode) * channels,
  );
  for (let y = 0, to = 0; y < window.height; y++) {
    const row = mirrored(y + window.top, image.height, mode) * image.width * channels;
    for (let x = 0; x < window.width; x++) {
      const from = row + (columns[x] as number);
      for (let c = 0; c < channels; c++) target[to++] = source[from + c] as number | bigint;
    }
  }
  return out;
}

/** The place inside `[0, size)` that stands for `at`. */
function mirrored(at: number, size: number, mode: PaddingMode): number {
  if (at >= 0 && at < size) return at;
  if (mode === 'edge' || size === 1) return at < 0 ? 0 : size - 1;
  const period = mode === 'reflect' ? 2 * size - 2 : 2 * size;
  const place = ((at % period) + period) % period;
  return place < size ? place : mode === 'reflect' ? period - place : period - 1 - place;
}

function fillAll(out: HostArray, fill: number | readonly number[], channels: number): void {
  const asElement = (value: number) => (out.dtype === 'int64' ? BigInt(Math.trunc(value)) : value);
  const target = pixelsOf(out);
  if (typeof fill === 'number') {
    if (fill !== 0) target.fill(asElement(fill));
    return;
  }
  for (let c = 0; c < channels; c++) {
    const value = asElement(fill[fill.length === 1 ? 0 : c] ?? 0);
    for (let i = c; i < target.length; i += channels) target[i] = value;
  }
}

function copyInside({ array, height, width, channels }: ImageView, window: Window, out: HostArray): void {
  const [source, target] = [pixelsOf(array), pixelsOf(out)];
  const [from, to] = [Math.max(0, window.left), Math.min(width, window.left + window.width)];
  if (from >= to) return;
  for (let y = Math.max(0, window.top); y < Math.min(height, window.top + window.height); y++) {
    const run = source.subarray((y * width + from) * channels, (y * width + to) * channels);
    target.set(run, ((y - window.top) * window.width + from - window.left) * channels);
  }
}

/** The image mirrored left to right, top to bottom, or both. */
export function flipped(
  { array, height, width, channels }: ImageView,
  { x: isX, y: isY }: { x: boolean; y: boolean },
): HostArray {
  const out = zeros(array.dtype, array.shape);
  const [source, target] = [pixelsOf(array), pixelsOf(out)];
  for (let y = 0, to = 0; y < height; y++) {
    const row = (isY ? height - 1 - y : y) * width * channels;
    if (!isX) {
      target.set(source.subarray(row, row + width * channels), to);
      to += width * channels;
      continue;
    }
    for (let from = row + (width - 1) * channels; from >= row; from -= channels)
      for (let c = 0; c < channels; c++) target[to++] = source[from + c] as number | bigint;
  }
  return out;
}
