import { hostArray } from '@engine/core';
import type { Image } from './image.js';
import type { Grid } from './resize.js';

/** OpenCV's JET within one step: blue for the lowest, over green, to red for the highest. `level` is a whole number of 0 to 255. */
function jet(level: number): readonly [red: number, green: number, blue: number] {
  const rise = (peak: number, top: number) => Math.min(255, Math.max(0, top - Math.abs(4 * level - peak)));
  return [rise(765, 383), rise(510, 382), rise(255, 383)];
}

/**
 * Values of one channel, or the gray value of three (OpenCV's order blue, green, red), from their least to their largest as colours,
 * laid over `image` with `alpha` where there is one of the same size.
 */
export function heatmap(grid: Grid, image: Image | undefined, alpha: number): Image {
  const { height, width, channels, data } = grid;
  let [least, largest] = [Infinity, -Infinity];
  for (let at = 0; at < data.length; at += 1) {
    least = Math.min(least, data[at] ?? 0);
    largest = Math.max(largest, data[at] ?? 0);
  }
  const range = largest > least ? largest - least : Infinity;
  const level = (at: number) => Math.floor((((data[at] ?? 0) - least) * 255) / range);
  const colors = new Uint8Array(height * width * 3);
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    const from = pixel * channels;
    const gray =
      channels === 1
        ? level(from)
        : Math.round(0.114 * level(from) + 0.587 * level(from + 1) + 0.299 * level(from + 2));
    jet(gray).forEach((color, channel) => {
      const at = pixel * 3 + channel;
      colors[at] = image === undefined ? color : Math.round((1 - alpha) * (image.data[at] ?? 0) + alpha * color);
    });
  }
  return hostArray('uint8', [height, width, 3], colors);
}
