/** Interpolation along one axis: each output is a sum of a few inputs with fixed weights. */
import { sizeOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

export type ResampleMode = 'nearest' | 'nearest-exact' | 'linear' | 'cubic';

export interface Resampling {
  readonly mode: ResampleMode;
  /** Extent of the output. */
  readonly to: number;
  readonly alignCorners: boolean;
  /** By which places are computed, where it is not `to` over the extent of the input. */
  readonly scale?: number;
}

interface Tap {
  readonly places: readonly number[];
  /** Undefined for ones. */
  readonly weights: readonly number[] | undefined;
}

const { fround } = Math;

/** Input places per output place, in float32 as PyTorch computes it. */
function stepOf(from: number, { mode, to, alignCorners, scale }: Resampling): number {
  if (alignCorners && mode !== 'nearest') return to > 1 ? fround((from - 1) / (to - 1)) : 0;
  return scale === undefined ? fround(from / to) : fround(1 / scale);
}

function tapsOf(from: number, resampling: Resampling): Tap[] {
  const { mode, to, alignCorners } = resampling;
  const step = stepOf(from, resampling);
  const clamp = (place: number): number => Math.min(from - 1, Math.max(0, place));
  const outputs = Array.from({ length: to }, (_, i) => i);
  if (mode === 'nearest')
    return [{ places: outputs.map((i) => clamp(Math.floor(fround(i * step)))), weights: undefined }];
  if (mode === 'nearest-exact')
    return [{ places: outputs.map((i) => clamp(Math.floor(fround((i + 0.5) * step)))), weights: undefined }];
  // whatever the scale: PyTorch copies an axis whose extent stays
  if (mode === 'linear' && from === to) return [{ places: outputs, weights: undefined }];
  const centres = outputs.map((i) => (alignCorners ? fround(i * step) : fround(fround(step * (i + 0.5)) - 0.5)));
  if (mode === 'linear') {
    const sources = centres.map((centre) => Math.max(0, centre));
    const low = sources.map((source) => clamp(Math.floor(source)));
    const fractions = sources.map((source, i) => Math.min(1, source - (low[i] as number)));
    return [
      { places: low, weights: fractions.map((fraction) => 1 - fraction) },
      { places: low.map((place) => clamp(place + 1)), weights: fractions },
    ];
  }
  return [-1, 0, 1, 2].map((offset) => ({
    places: centres.map((centre) => clamp(Math.floor(centre) + offset)),
    weights: centres.map((centre) => cubic(Math.abs(centre - Math.floor(centre) - offset))),
  }));
}

/** Keys 1981, with the slope -0.75 at distance 1. */
function cubic(distance: number): number {
  const a = -0.75;
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
}

/** (..., extent, ...) → (..., to, ...) */
export function resampleAxis(x: tf.Tensor, axis: number, resampling: Resampling): tf.Tensor {
  const extent = x.shape[axis] as number;
  const flat = tf.reshape(x, [sizeOf(x.shape.slice(0, axis)), extent, sizeOf(x.shape.slice(axis + 1))]);
  const parts = tapsOf(extent, resampling).map(({ places, weights }) => {
    const picked = tf.gather(flat, tf.tensor1d([...places], 'int32'), 1);
    return weights === undefined ? picked : tf.mul(picked, tf.tensor([...weights], [1, weights.length, 1]));
  });
  const sum = parts.length === 1 ? (parts[0] as tf.Tensor) : tf.addN(parts);
  return tf.reshape(sum, [...x.shape.slice(0, axis), resampling.to, ...x.shape.slice(axis + 1)]);
}
