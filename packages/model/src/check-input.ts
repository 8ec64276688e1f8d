import type * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from './errors.js';

/** What errors say of a layer: `conv1 (Conv2d)`. */
export function layerName(layer: { readonly path: string }): string {
  const kind = layer.constructor.name;
  return layer.path === '' ? kind : `${layer.path} (${kind})`;
}

export interface ShapeRule {
  /** Number of axes; undefined for any. */
  readonly rank?: number;
  /** Extent of the last axis; undefined for any. */
  readonly last?: number;
  /** Names of the axes, for the message: `(N, H, W, 3)`. */
  readonly expected: string;
}

/** A cheap check of a layer's input. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` naming the layer's path. */
export function checkInput(layer: { readonly path: string }, x: tf.Tensor, { rank, last, expected }: ShapeRule): void {
  const { shape, dtype } = x;
  const fits =
    (rank === undefined || shape.length === rank) && (last === undefined || shape[shape.length - 1] === last);
  if (fits && dtype === 'float32') return;
  const received = `(${shape.join(', ')}) ${dtype}`;
  if (fits) {
    throw modelErrors.DTYPE_MISMATCH({
      subject: layerName(layer),
      expected: `float32 input of shape ${expected}`,
      received,
      action: 'cast it, e.g. by the data preprocessor (ImgDataPreprocessor makes floats of bytes)',
    });
  }
  const isChannelsFirst = shape.length === 4 && last !== undefined && shape[1] === last;
  throw modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected: `input of shape ${expected}`,
    received,
    action: isChannelsFirst
      ? 'transpose the images to (N, H, W, C), the layout of the whole engine'
      : 'change the layer, or what comes before it, so that the shapes agree',
  });
}

/** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` unless every value is an integer of at least `least`. */
export function checkIntegers(
  layer: string,
  least: number,
  options: Readonly<Record<string, number | readonly number[]>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    if ([value].flat().every((extent) => Number.isSafeInteger(extent) && extent >= least)) continue;
    throw badOption(layer, `${name} to be an integer of at least ${least}`, `${name} = ${String(value)}`);
  }
}

export function badOption(layer: string, expected: string, received: string): Error {
  return modelErrors.BAD_LAYER_OPTION({
    subject: layer,
    expected,
    received,
    action: 'correct the option where the layer is made',
  });
}

/** One number for both spatial axes, or (height, width). */
export type Pair = number | readonly [height: number, width: number];

/** One number for every spatial axis, or one for each. */
export type Extents<T extends readonly number[]> = number | T;

/** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` unless there is one number, or one for each of `count` axes. */
export function extentsOf<T extends readonly number[]>(
  layer: string,
  count: number,
  option: Readonly<Record<string, Extents<T>>>,
): T {
  const [[name, value]] = Object.entries(option) as [[string, Extents<T>]];
  if (typeof value === 'number') return Array.from({ length: count }, () => value) as readonly number[] as T;
  if (value.length === count) return [...value] as readonly number[] as T;
  throw badOption(layer, `${name} to be one number or ${count}`, `${name} = [${value.join(', ')}]`);
}
