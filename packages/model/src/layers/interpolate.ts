import type * as tf from '@tensorflow/tfjs-core';
import { badOption, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { Module } from '../module.js';
import { AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d } from './adaptive-pooling.js';
import { type ResampleMode, resampleAxis } from './resample.js';

export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area';

export interface InterpolateOptions {
  /** Extents of the output, one number for all axes or one each. Either this or `scaleFactor`. */
  readonly size?: number | readonly number[];
  /** What extents are multiplied with, rounded down. */
  readonly scaleFactor?: number | readonly number[];
  /** `linear` is for sequences, `bilinear` and `bicubic` for images, `trilinear` for volumes. Default `nearest`. */
  readonly mode?: InterpolationMode;
  /** Puts the outermost elements' centres on each other instead of the borders; for the linear modes and bicubic. Default false. */
  readonly alignCorners?: boolean;
  /** Takes the scale from the rounded sizes, not from `scaleFactor`; default false. */
  readonly recomputeScaleFactor?: boolean;
}

/** Axes that a mode is defined for; undefined for any. */
const RANKS: Readonly<Record<InterpolationMode, number | undefined>> = {
  nearest: undefined,
  'nearest-exact': undefined,
  linear: 1,
  bilinear: 2,
  trilinear: 3,
  bicubic: 2,
  area: undefined,
};
const METHOD: Readonly<Record<Exclude<InterpolationMode, 'area'>, ResampleMode>> = {
  nearest: 'nearest',
  'nearest-exact': 'nearest-exact',
  linear: 'linear',
  bilinear: 'linear',
  trilinear: 'linear',
  bicubic: 'cubic',
};

/**
 * Resizes (N, L, C), (N, H, W, C) or (N, D, H, W, C) as PyTorch's `interpolate`, without antialiasing.
 * @throws `ENGINE_MODEL_BAD_LAYER_OPTION`, `ENGINE_MODEL_SHAPE_MISMATCH`
 */
export function interpolate<T extends tf.Tensor>(x: T, options: InterpolateOptions): T {
  checkOptions('interpolate', options);
  return resized(x, options, 'interpolate');
}

/** Resizes (N, L, C), (N, H, W, C) or (N, D, H, W, C) by `interpolate`. */
export class Upsample extends Module {
  readonly options: InterpolateOptions;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(options: InterpolateOptions) {
    super();
    checkOptions(new.target.name, options);
    this.options = options;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    return resized(x, this.options, layerName(this));
  }
}

type Sizing = Pick<InterpolateOptions, 'size' | 'scaleFactor'>;

/** `Upsample` of images to their nearest pixel. */
export class UpsamplingNearest2d extends Upsample {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(sizing: Sizing) {
    super({ ...sizing, mode: 'nearest' });
  }
}

/** `Upsample` of images, bilinear with aligned corners. */
export class UpsamplingBilinear2d extends Upsample {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(sizing: Sizing) {
    super({ ...sizing, mode: 'bilinear', alignCorners: true });
  }
}

function checkOptions(name: string, { size, scaleFactor, mode = 'nearest', ...rest }: InterpolateOptions): void {
  if ((size === undefined) === (scaleFactor === undefined))
    throw badOption(name, 'either size or scaleFactor', size === undefined ? 'none' : 'both');
  if (!Object.hasOwn(RANKS, mode)) throw badOption(name, `mode ${Object.keys(RANKS).join(', ')}`, mode);
  if ([size ?? []].flat().some((extent) => !Number.isSafeInteger(extent) || extent < 1))
    throw badOption(name, 'size in integers of at least 1', `size = ${String(size)}`);
  if ([scaleFactor ?? []].flat().some((factor) => !(factor > 0 && Number.isFinite(factor))))
    throw badOption(name, 'scaleFactor above 0', `scaleFactor = ${String(scaleFactor)}`);
  if (rest.alignCorners === true && (mode.startsWith('nearest') || mode === 'area'))
    throw badOption(name, 'alignCorners with linear modes or bicubic only', `mode = ${mode}`);
  if (rest.recomputeScaleFactor === true && size !== undefined)
    throw badOption(name, 'recomputeScaleFactor with scaleFactor only', 'size');
}

function resized<T extends tf.Tensor>(x: T, options: InterpolateOptions, subject: string): T {
  const { size, scaleFactor, mode = 'nearest', alignCorners = false, recomputeScaleFactor = false } = options;
  const axes = x.rank - 2;
  const given = size ?? scaleFactor;
  const fits =
    axes >= 1 &&
    axes <= 3 &&
    [undefined, axes].includes(RANKS[mode]) &&
    (typeof given === 'number' || given?.length === axes);
  if (!fits || x.dtype !== 'float32') throw mismatch(x, options, subject);
  const each = (values: number | readonly number[], axis: number): number =>
    typeof values === 'number' ? values : (values[axis] as number);
  const targets = Array.from({ length: axes }, (_, axis) =>
    size === undefined
      ? Math.floor((x.shape[axis + 1] as number) * each(scaleFactor as number, axis))
      : each(size, axis),
  );
  if (targets.some((extent) => extent < 1)) throw mismatch(x, options, subject);
  if (mode === 'area') return area(x, targets);
  return targets.reduce<tf.Tensor>((image, to, axis) => {
    const scale = scaleFactor === undefined || recomputeScaleFactor ? undefined : each(scaleFactor, axis);
    return resampleAxis(image, axis + 1, {
      mode: METHOD[mode],
      to,
      alignCorners,
      ...(scale !== undefined && { scale }),
    });
  }, x) as T;
}

function area<T extends tf.Tensor>(x: T, targets: readonly number[]): T {
  if (targets.length === 1) return new AdaptiveAvgPool1d(targets[0] as number).apply(x) as tf.Tensor as T;
  if (targets.length === 2)
    return new AdaptiveAvgPool2d(targets as readonly [number, number]).apply(x) as tf.Tensor as T;
  return new AdaptiveAvgPool3d(targets as readonly [number, number, number]).apply(x) as tf.Tensor as T;
}

function mismatch(x: tf.Tensor, { mode = 'nearest', size, scaleFactor }: InterpolateOptions, subject: string): Error {
  const axes = RANKS[mode];
  const expected = axes === undefined ? '(N, L, C), (N, H, W, C) or (N, D, H, W, C)' : `rank ${axes + 2}`;
  return modelErrors.SHAPE_MISMATCH({
    subject,
    expected: `float32 input of ${expected} for mode ${mode}, a size for each axis between, an output of at least 1`,
    received: `(${x.shape.join(', ')}) ${x.dtype}, size = ${String(size)}, scaleFactor = ${String(scaleFactor)}`,
    action: 'choose the mode for the number of axes, and as many sizes or factors',
  });
}
