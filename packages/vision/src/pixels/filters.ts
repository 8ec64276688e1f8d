/** How new pixels are made of old ones. */
export type Interpolation = 'nearest' | 'bilinear' | 'bicubic';

/** For each new pixel of an axis, the old ones it is made of, and their weights. */
export interface Taps {
  /** First old pixel, and how many, for each new one. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `width` weights a new pixel, those beyond `count` unused. They add up to 1. */
  readonly weights: Float64Array;
  readonly width: number;
}

function triangle(x: number): number {
  const distance = Math.abs(x);
  return distance < 1 ? 1 - distance : 0;
}

function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}

/**
 * The weights of a filter that is widened when shrinking, so that every old pixel counts (what Pillow does): pixels beyond the
 * border do not exist. The cubic has a = -0.5.
 */
export function smoothTaps(from: number, to: number, filter: 'bilinear' | 'bicubic'): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = (filter === 'bilinear' ? 1 : 2) * stretch;
  const taps = emptyTaps(to, Math.ceil(support) * 2 + 1);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(from, Math.trunc(center + support + 0.5));
    let total = 0;
    for (let k = 0; k < end - first; k++) {
      const x = (k + first - center + 0.5) / stretch;
      const weight = filter === 'bilinear' ? triangle(x) : cubic(x, -0.5);
      taps.weights[i * taps.width + k] = weight;
      total += weight;
    }
    for (let k = 0; k < end - first; k++) (taps.weights[i * taps.width + k] as number) /= total;
    taps.first[i] = first;
    taps.count[i] = end - first;
  }
  return taps;
}

/** The 2 or 4 nearest old pixels whatever the scale; the border repeats. The cubic has a = -0.75 (PyTorch and OpenCV). */
export function sharpTaps(from: number, to: number, filter: 'bilinear' | 'bicubic'): Taps {
  const reach = filter === 'bilinear' ? 1 : 2;
  const taps = emptyTaps(to, 2 * reach);
  for (let i = 0; i < to; i++) {
    const at = ((i + 0.5) * from) / to - 0.5;
    const low = Math.floor(at) - reach + 1;
    const first = Math.min(Math.max(low, 0), from - 1);
    const end = Math.min(Math.max(low + 2 * reach - 1, 0), from - 1) + 1;
    for (let k = 0; k < 2 * reach; k++) {
      const weight = filter === 'bilinear' ? triangle(low + k - at) : cubic(low + k - at, -0.75);
      const old = Math.min(Math.max(low + k, 0), from - 1);
      (taps.weights[i * taps.width + old - first] as number) += weight;
    }
    taps.first[i] = first;
    taps.count[i] = end - first;
  }
  return taps;
}

function emptyTaps(to: number, width: number): Taps {
  return { first: new Int32Array(to), count: new Int32Array(to), weights: new Float64Array(to * width), width };
}
