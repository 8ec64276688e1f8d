import type { HostArray } from '@engine/core';
import { blank, type NumberImage } from './number-image.js';

const f = Math.fround;
/** Parts of the luminance. */
const [RED, GREEN, BLUE] = [f(0.2989), f(0.587), f(0.114)];

/** What torchvision makes of an image in float32: kept in range; integers cut off. */
function stored(value: number, { isInteger, max }: NumberImage): number {
  const inside = Math.min(Math.max(value, 0), max);
  return isInteger ? Math.trunc(inside) : inside;
}

/** One value a pixel, as a weighted sum of red, green and blue; integers cut off. The image itself where it has one channel. */
export function luminance(image: NumberImage): NumberImage['data'] {
  const { data, channels, isInteger } = image;
  if (channels !== 3) return data;
  const out = blank({ ...image, channels: 1, array: { ...image.array, shape: [] } }, image.height, image.width).data;
  for (let i = 0, at = 0; at < data.length; i++, at += 3) {
    const red = f(RED * (data[at] as number));
    const value = f(f(red + f(GREEN * (data[at + 1] as number))) + f(BLUE * (data[at + 2] as number)));
    out[i] = isInteger ? Math.trunc(value) : value;
  }
  return out;
}

/** Every channel the luminance. */
export function grey(image: NumberImage): HostArray {
  if (image.channels !== 3) return image.array;
  const light = luminance(image);
  const out = blank(image, image.height, image.width);
  for (let i = 0, at = 0; at < out.data.length; i++, at += 3) out.data.fill(light[i] as number, at, at + 3);
  return out.array;
}

/** Towards black (factor 0), away from it (factor above 1). */
export function brightness(image: NumberImage, factor: number): HostArray {
  const near = f(factor);
  return mapped(image, (value) => f(near * value));
}

/** Towards the mean luminance of the image (factor 0), away from it. */
export function contrast(image: NumberImage, factor: number): HostArray {
  const light = luminance(image);
  let sum = 0;
  for (let i = 0; i < light.length; i++) sum += light[i] as number;
  const rest = f(f(1 - factor) * f(sum / light.length));
  const near = f(factor);
  return mapped(image, (value) => f(f(near * value) + rest));
}

/** Through a table of 256 where the image is uint8. */
function mapped(image: NumberImage, change: (value: number) => number): HostArray {
  const out = blank(image, image.height, image.width);
  const { data } = image;
  if (image.array.dtype === 'uint8') {
    const table = Uint8Array.from({ length: 256 }, (_, value) => stored(change(value), image));
    for (let i = 0; i < data.length; i++) out.data[i] = table[data[i] as number] as number;
  } else for (let i = 0; i < data.length; i++) out.data[i] = stored(change(data[i] as number), image);
  return out.array;
}

/** Values of `image` times `factor`, and of `other` times what is left of one. */
export function mixed(image: NumberImage, other: NumberImage, factor: number): HostArray {
  const out = blank(image, image.height, image.width);
  const [near, far] = [f(factor), f(1 - factor)];
  for (let i = 0; i < image.data.length; i++)
    out.data[i] = stored(f(f(near * (image.data[i] as number)) + f(far * (other.data[i] as number))), image);
  return out.array;
}

/** Towards grey (factor 0), away from it. */
export function saturation(image: NumberImage, factor: number): HostArray {
  if (image.channels !== 3) return image.array;
  const light = luminance(image);
  const { data } = image;
  const out = blank(image, image.height, image.width);
  const [near, far] = [f(factor), f(1 - factor)];
  for (let i = 0, at = 0; at < data.length; i++) {
    const rest = f(far * (light[i] as number));
    for (let c = 0; c < 3; c++, at++) out.data[at] = stored(f(f(near * (data[at] as number)) + rest), image);
  }
  return out.array;
}

/** Turns the colour circle by `turn` of a whole turn, -0.5 to 0.5. */
export function hue(image: NumberImage, turn: number): HostArray {
  if (image.channels !== 3) return image.array;
  const { data, max, isInteger } = image;
  const out = blank(image, image.height, image.width);
  const back = f(isInteger ? max + 1 - 1e-3 : 1);
  for (let at = 0; at < data.length; at += 3) {
    const [r, g, b] = [
      f((data[at] as number) / max),
      f((data[at + 1] as number) / max),
      f((data[at + 2] as number) / max),
    ];
    const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
    const reach = f(most - least);
    const s = f(reach / (reach === 0 ? 1 : most));
    const turned = f(f(angleOf([r, g, b], most, reach)) + f(turn));
    const h = f(turned - Math.floor(turned));
    const sector = Math.floor(f(h * 6));
    const part = f(f(h * 6) - sector);
    const p = inUnit(most * f(1 - s));
    const q = inUnit(most * f(1 - f(s * part)));
    const t = inUnit(most * f(1 - f(s * f(1 - part))));
    const i = sector % 6;
    const red = i === 0 || i === 5 ? most : i === 1 ? q : i === 4 ? t : p;
    const green = i === 1 || i === 2 ? most : i === 0 ? t : i === 3 ? q : p;
    const blue = i === 3 || i === 4 ? most : i === 2 ? t : i === 5 ? q : p;
    out.data[at] = isInteger ? Math.trunc(f(red * back)) : red;
    out.data[at + 1] = isInteger ? Math.trunc(f(green * back)) : green;
    out.data[at + 2] = isInteger ? Math.trunc(f(blue * back)) : blue;
  }
  return out.array;
}

/** Place on the colour circle, 0 to 1. */
function angleOf([r, g, b]: readonly [number, number, number], most: number, reach: number): number {
  const divisor = reach === 0 ? 1 : reach;
  const [rc, gc, bc] = [f(f(most - r) / divisor), f(f(most - g) / divisor), f(f(most - b) / divisor)];
  const h = most === r ? f(bc - gc) : most === g ? f(f(2 + rc) - bc) : f(f(4 + gc) - rc);
  return f(f(h / 6) + 1) % 1;
}

const inUnit = (value: number): number => Math.min(Math.max(f(value), 0), 1);
