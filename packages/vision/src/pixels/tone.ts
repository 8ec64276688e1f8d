import type { HostArray } from '@engine/core';
import { mixed } from './colour.js';
import { blank, type NumberImage, roundHalfEven } from './number-image.js';

/** A uint8 image through a table of 256 for each channel. */
function looked(image: NumberImage, table: (channel: number) => Uint8Array): HostArray {
  const { data, channels } = image;
  const out = blank(image, image.height, image.width);
  for (let c = 0; c < channels; c++) {
    const values = table(c);
    for (let i = c; i < data.length; i += channels) out.data[i] = values[data[i] as number] as number;
  }
  return out.array;
}

/** The same table for every channel. */
function lookedUp(image: NumberImage, change: (value: number) => number): HostArray {
  const table = Uint8Array.from({ length: 256 }, (_, value) => change(value));
  return looked(image, () => table);
}

/** Keeps the upper `bits` of each uint8 value. */
export function posterize(image: NumberImage, bits: number): HostArray {
  return lookedUp(image, (value) => value & (0xff << (8 - bits)));
}

/** Inverts uint8 values from `threshold` on. */
export function solarize(image: NumberImage, threshold: number): HostArray {
  return lookedUp(image, (value) => (value >= threshold ? 255 - value : value));
}

/** Inverts uint8 values. */
export function invert(image: NumberImage): HostArray {
  return lookedUp(image, (value) => 255 - value);
}

/** Stretches each channel of a uint8 image to all of 0 to 255; an even one stays. */
export function autoContrast(image: NumberImage): HostArray {
  return looked(image, (channel) => {
    const counts = histogram(image, channel);
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    const scale = Math.fround(255 / (high - low));
    return Uint8Array.from({ length: 256 }, (_, value) =>
      low === high ? value : Math.min(255, Math.max(0, Math.trunc(Math.fround((value - low) * scale)))),
    );
  });
}

/** Gives each channel of a uint8 image about as many pixels of each value. */
export function equalize(image: NumberImage): HostArray {
  return looked(image, (channel) => {
    const counts = histogram(image, channel);
    const last = counts[counts.findLastIndex((count) => count > 0)] as number;
    const step = Math.floor((image.height * image.width - last) / 255);
    const table = Uint8Array.from({ length: 256 }, (_, value) => value);
    if (step === 0) return table;
    let below = Math.floor(step / 2);
    for (let value = 0; value < 256; value++) {
      table[value] = Math.min(255, Math.floor(below / step));
      below += counts[value] as number;
    }
    return table;
  });
}

function histogram({ data, channels }: NumberImage, channel: number): Int32Array {
  const counts = new Int32Array(256);
  for (let i = channel; i < data.length; i += channels) (counts[data[i] as number] as number) += 1;
  return counts;
}

/** Towards a smoothed image (factor 0), away from it (factor above 1). The border stays. */
export function sharpness(image: NumberImage, factor: number): HostArray {
  const { height, width, channels, data, isInteger } = image;
  if (height <= 2 || width <= 2) return image.array;
  const smooth = blank(image, height, width);
  smooth.data.set(data);
  const row = width * channels;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + channels; i < (y + 1) * row - channels; i++) {
      let sum = 4 * (data[i] as number);
      for (let dy = -row; dy <= row; dy += row)
        sum += (data[i + dy - channels] as number) + (data[i + dy] as number) + (data[i + dy + channels] as number);
      smooth.data[i] = isInteger ? roundHalfEven(sum / 13) : sum / 13;
    }
  }
  return mixed(image, smooth, factor);
}
