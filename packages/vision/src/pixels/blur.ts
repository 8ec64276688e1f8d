import type { HostArray } from '@engine/core';
import { blank, type NumberImage, store } from './number-image.js';

/** Weights of a bell curve at whole distances, adding up to 1. */
export function bell(size: number, sigma: number): Float64Array {
  const weights = new Float64Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) {
    weights[i] = Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2);
    total += weights[i] as number;
  }
  return weights.map((weight) => weight / total);
}

/** Blurs across, then down; the border mirrors, its own pixel once. Integers are rounded. */
export function blur(image: NumberImage, across: Float64Array, down: Float64Array): HostArray {
  const { data, height, width, channels } = image;
  const values = width * channels;
  const wide = new Float64Array(height * values);
  const columns = places(width, across.length);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let k = 0; k < across.length; k++)
          sum += (across[k] as number) * (data[y * values + (columns[x + k] as number) * channels + c] as number);
        wide[to] = sum;
      }
  const out = blank(image, height, width);
  const rows = places(height, down.length);
  const sums = new Float64Array(values);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < down.length; k++) {
      const row = (rows[y + k] as number) * values;
      for (let i = 0; i < values; i++) (sums[i] as number) += (down[k] as number) * (wide[row + i] as number);
    }
    store(sums, out, y * values);
  }
  return out.array;
}

/** For each place from `-size / 2` on, the one inside that stands for it. */
function places(length: number, size: number): Int32Array {
  const reach = (size - 1) / 2;
  return Int32Array.from({ length: length + size - 1 }, (_, i) => {
    const at = Math.abs(i - reach);
    return at < length ? at : 2 * (length - 1) - at;
  });
}
