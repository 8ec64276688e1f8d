/** Gradients of image resizing, half-pixel centres included (TensorFlow.js ignores them, and wasm has none of bilinear). */
import * as tf from '@tensorflow/tfjs-core';
import { single } from './axes.js';

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Where each place of the output comes from: one or two places of the input with their weights. */
interface Taps {
  readonly places: readonly number[];
  readonly weights: readonly number[] | undefined;
}

/** As the kernels compute it. */
function sourceOf({ from, to, alignCorners, halfPixelCenters }: Axis, place: number, offset: number): number {
  const aligned = alignCorners && to > 1;
  const scale = aligned ? (from - 1) / (to - 1) : from / to;
  return halfPixelCenters ? scale * (place + 0.5) - offset : scale * place;
}

function nearestTaps(axis: Axis): Taps[] {
  const places = Array.from({ length: axis.to }, (_, i) => {
    const source = sourceOf(axis, i, 0);
    return Math.max(0, Math.min(axis.from - 1, axis.alignCorners ? Math.round(source) : Math.floor(source)));
  });
  return [{ places, weights: undefined }];
}

function bilinearTaps(axis: Axis): Taps[] {
  const sources = Array.from({ length: axis.to }, (_, i) => sourceOf(axis, i, 0.5));
  const low = sources.map((source) => Math.max(0, Math.floor(source)));
  const high = sources.map((source) => Math.min(axis.from - 1, Math.ceil(source)));
  const fractions = sources.map((source, i) => source - (low[i] as number));
  return [
    { places: low, weights: fractions.map((fraction) => 1 - fraction) },
    { places: high, weights: fractions },
  ];
}

/** Adds the rows of axis 1 of (outer, extent, inner) up at the places that they came from. */
function gatherBack(dy: tf.Tensor3D, taps: readonly Taps[], extent: number): tf.Tensor3D {
  const rows = tf.transpose(dy, [1, 0, 2]);
  const sums = taps.map(({ places, weights }) => {
    const weighted = weights === undefined ? rows : tf.mul(rows, tf.tensor([...weights], [weights.length, 1, 1]));
    return tf.unsortedSegmentSum(weighted, tf.tensor1d([...places], 'int32'), extent) as tf.Tensor3D;
  });
  return tf.transpose(tf.addN(sums), [1, 0, 2]);
}

function resizeGradient(kernelName: string, tapsOf: (axis: Axis) => Taps[]): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['images'],
    gradFunc: (dyOrList, saved, named) => {
      const [images] = saved as [tf.Tensor4D];
      const { alignCorners, halfPixelCenters, size } = named as unknown as tf.ResizeBilinearAttrs;
      const [batch, height, width, channels] = images.shape;
      const along = (axis: 0 | 1): Taps[] =>
        tapsOf({ from: images.shape[axis + 1] as number, to: size[axis], alignCorners, halfPixelCenters });
      return {
        images: () => {
          const dy = tf.reshape(single(dyOrList), [batch, size[0], size[1] * channels]) as tf.Tensor3D;
          const columns = tf.reshape(gatherBack(dy, along(0), height), [batch * height, size[1], channels]);
          return tf.reshape(gatherBack(columns as tf.Tensor3D, along(1), width), images.shape);
        },
      };
    },
  };
}

export const resizeNearestNeighborGradient: tf.GradConfig = resizeGradient(tf.ResizeNearestNeighbor, nearestTaps);
export const resizeBilinearGradient: tf.GradConfig = resizeGradient(tf.ResizeBilinear, bilinearTaps);
