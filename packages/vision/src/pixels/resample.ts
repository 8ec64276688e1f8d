import type { HostArray } from '@engine/core';
import { zeros } from '@engine/dataset';
import { type ImageView, pixelsOf } from '../image.js';
import { type Interpolation, sharpTaps, smoothTaps, type Taps } from './filters.js';
import { blank, type NumberImage, store } from './number-image.js';

/** A part of an image, inside it. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

export interface ResampleOptions {
  readonly height: number;
  readonly width: number;
  readonly interpolation: Interpolation;
  /** Every old pixel counts when shrinking. Not for `nearest`. */
  readonly antialias: boolean;
  /** What of the old image is resampled, as if there were no more of it. Default: all. */
  readonly window?: Window | undefined;
}

/**
 * An image of another size. With `antialias` uint8 is resampled with integers as Pillow does it, bit for bit; all else in
 * floating point, integers rounded at the end.
 */
export function resample(image: NumberImage, options: ResampleOptions): HostArray {
  const { height, width, interpolation, antialias, window = whole(image) } = options;
  if (interpolation === 'nearest') return pick(image, options);
  const out = blank(image, height, width);
  const taps = antialias ? smoothTaps : sharpTaps;
  const columns = taps(window.width, width, interpolation);
  const rows = taps(window.height, height, interpolation);
  if (antialias && image.array.dtype === 'uint8') {
    const across = window.width === width ? undefined : columns;
    const down = window.height === height ? undefined : rows;
    integerPasses({ image, window, out }, across, down);
  } else floatPasses({ image, window, out }, columns, rows);
  return out.array;
}

/** The nearest pixels, of any element type: for `nearest`, class maps and masks. */
export function pick(
  image: ImageView,
  { height, width, window = whole(image) }: Omit<ResampleOptions, 'interpolation' | 'antialias'>,
): HostArray {
  const { channels, array } = image;
  const out = zeros(array.dtype, array.shape.length === 2 ? [height, width] : [height, width, channels]);
  const [source, target] = [pixelsOf(array), pixelsOf(out)];
  const columns = nearest(window.width, width).map((x) => (window.left + x) * channels);
  const rows = nearest(window.height, height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = (window.top + (rows[y] as number)) * image.width * channels;
    for (let x = 0; x < width; x++) {
      const from = row + (columns[x] as number);
      for (let c = 0; c < channels; c++) target[to++] = source[from + c] as number | bigint;
    }
  }
  return out;
}

/** The old place for each new one. Steps are added up, as Pillow does: what lies between two pixels falls as it does there. */
function nearest(from: number, to: number): Int32Array {
  const out = new Int32Array(to);
  const step = from / to;
  for (let i = 0, at = step * 0.5; i < to; i++, at += step) out[i] = Math.min(from - 1, Math.floor(at));
  return out;
}

const whole = ({ height, width }: ImageView): Window => ({ top: 0, left: 0, height, width });

interface Job {
  readonly image: NumberImage;
  readonly window: Window;
  readonly out: NumberImage;
}

const BITS = 22;
const HALF = 1 << (BITS - 1);

function integerWeights({ weights }: Taps): Int32Array {
  const out = new Int32Array(weights.length); // what is put in is cut off
  for (let i = 0; i < out.length; i++) {
    const w = weights[i] as number;
    out[i] = w * (1 << BITS) + (w < 0 ? -0.5 : 0.5);
  }
  return out;
}

/** With plain loops: `FastResample` does the same, where it can. */
function integerPasses({ image, window, out }: Job, across: Taps | undefined, down: Taps | undefined): void {
  const values = out.width * image.channels;
  const wide = down === undefined ? (out.data as Uint8Array) : new Uint8Array(window.height * values);
  if (across === undefined) copyRows({ image, window, out }, wide);
  else integerAcross({ image, window, out }, across, wide);
  if (down !== undefined) integerDown(wide, out.data as Uint8Array, { taps: down, values });
}

function copyRows({ image, window }: Job, wide: Uint8Array): void {
  const values = window.width * image.channels;
  for (let y = 0; y < window.height; y++) {
    const from = ((window.top + y) * image.width + window.left) * image.channels;
    wide.set((image.data as Uint8Array).subarray(from, from + values), y * values);
  }
}

/** `Math.imul` keeps sums in 32-bit integers, which is several times as fast as numbers that might not be. */
function integerAcross({ image, window, out }: Job, taps: Taps, wide: Uint8Array): void {
  const { channels } = image;
  const data = image.data as Uint8Array;
  const weights = integerWeights(taps);
  const { first: firsts, count: counts, width } = taps;
  for (let y = 0, to = 0; y < window.height; y++) {
    const row = ((window.top + y) * image.width + window.left) * channels;
    for (let x = 0; x < out.width; x++) {
      const start = row + (firsts[x] as number) * channels;
      const end = x * width + (counts[x] as number);
      if (channels === 3) {
        let red = HALF;
        let green = HALF;
        let blue = HALF;
        for (let k = x * width, at = start; k < end; k++, at += 3) {
          const w = weights[k] as number;
          red = (red + Math.imul(w, data[at] as number)) | 0;
          green = (green + Math.imul(w, data[at + 1] as number)) | 0;
          blue = (blue + Math.imul(w, data[at + 2] as number)) | 0;
        }
        wide[to] = clipped(red);
        wide[to + 1] = clipped(green);
        wide[to + 2] = clipped(blue);
        to += 3;
        continue;
      }
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let k = x * width, at = start + c; k < end; k++, at += channels)
          sum = (sum + Math.imul(weights[k] as number, data[at] as number)) | 0;
        wide[to++] = clipped(sum);
      }
    }
  }
}

/** Four rows at a time: fewer sums are put down and taken up again. Beyond the last row weights are zero. */
function integerDown(wide: Uint8Array, out: Uint8Array, { taps, values }: { taps: Taps; values: number }): void {
  const weights = integerWeights(taps);
  const last = wide.length - values;
  const sums = new Int32Array(values);
  for (let y = 0; y < taps.first.length; y++) {
    sums.fill(HALF);
    const count = taps.count[y] as number;
    for (let k = 0; k < count; k += 4) {
      const at = y * taps.width + k;
      const weight = (next: number) => (k + next < count ? (weights[at + next] as number) : 0);
      const row = (next: number) => Math.min(((taps.first[y] as number) + k + next) * values, last);
      const [w0, w1, w2, w3] = [weight(0), weight(1), weight(2), weight(3)];
      const [r0, r1, r2, r3] = [row(0), row(1), row(2), row(3)];
      for (let i = 0; i < values; i++) {
        const near = Math.imul(w0, wide[r0 + i] as number) + Math.imul(w1, wide[r1 + i] as number);
        const far = Math.imul(w2, wide[r2 + i] as number) + Math.imul(w3, wide[r3 + i] as number);
        sums[i] = ((sums[i] as number) + near + far) | 0;
      }
    }
    for (let i = 0; i < values; i++) out[y * values + i] = clipped(sums[i] as number);
  }
}

function clipped(sum: number): number {
  const value = sum >> BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function floatPasses({ image, window, out }: Job, across: Taps, down: Taps): void {
  const values = out.width * image.channels;
  const wide = new Float64Array(window.height * values);
  floatAcross({ image, window, out }, across, wide);
  const sums = new Float64Array(values);
  for (let y = 0; y < out.height; y++) {
    sums.fill(0);
    for (let k = 0; k < (down.count[y] as number); k++) {
      const w = down.weights[y * down.width + k] as number;
      const row = ((down.first[y] as number) + k) * values;
      for (let i = 0; i < values; i++) (sums[i] as number) += w * (wide[row + i] as number);
    }
    store(sums, out, y * values);
  }
}

function floatAcross({ image, window, out }: Job, { first, count, weights, width }: Taps, wide: Float64Array): void {
  const { channels, data } = image;
  for (let y = 0, to = 0; y < window.height; y++) {
    const row = ((window.top + y) * image.width + window.left) * channels;
    for (let x = 0; x < out.width; x++) {
      const start = row + (first[x] as number) * channels;
      const end = x * width + (count[x] as number);
      if (channels === 3) {
        let red = 0;
        let green = 0;
        let blue = 0;
        for (let k = x * width, at = start; k < end; k++, at += 3) {
          const w = weights[k] as number;
          red += w * (data[at] as number);
          green += w * (data[at + 1] as number);
          blue += w * (data[at + 2] as number);
        }
        wide[to] = red;
        wide[to + 1] = green;
        wide[to + 2] = blue;
        to += 3;
        continue;
      }
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = x * width, at = start + c; k < end; k++, at += channels)
          sum += (weights[k] as number) * (data[at] as number);
        wide[to++] = sum;
      }
    }
  }
}
