import { type Geometry, moved, movedAndSized, movedAnnotations } from './annotations.js';
import { type ImageView, imageOf } from './image.js';
import { inverted, stretch } from './pixels/matrix.js';
import { numbersIn } from './pixels/number-image.js';
import type { Window } from './pixels/resample.js';
import { type Matrix, warp, warpNearest } from './pixels/warp.js';
import { type Beyond, cut, flipped, NOTHING } from './pixels/windows.js';

type Fields = Record<string, unknown>;
type Moving = Omit<Geometry, 'image'>;
type Size = readonly [height: number, width: number];

/** The class that losses of segmentation pass over, as a rule. */
export const IGNORED = 255;

export interface CropInit {
  /** Name of the transform, for messages. */
  readonly transform: string;
  /** What is around the image (default: zeros), and around its class map (default {@link IGNORED}). */
  readonly beyond?: Beyond;
  readonly segFill?: number;
}

/** The sample seen through a window, which may reach beyond the image. Sets `img_shape`. */
export function cropped(sample: Fields, window: Window, init: CropInit): Fields {
  const { transform, beyond = NOTHING } = init;
  return movedAndSized(sample, { ...cropping(window, init), image: (view) => cut(view, window, beyond) }, transform);
}

/** What {@link cropped} changes beside the image. */
export function croppedAnnotations(sample: Fields, window: Window, init: Omit<CropInit, 'transform'>): Fields {
  return movedAnnotations(sample, cropping(window, init), [window.height, window.width]);
}

function cropping(window: Window, { beyond = NOTHING, segFill = IGNORED }: Omit<CropInit, 'transform'>): Moving {
  return {
    matrix: stretch(1, 1, [-window.left, -window.top]),
    labels: (view, key) => cut(view, window, { ...beyond, fill: key === 'gt_seg_map' ? segFill : 0 }),
  };
}

export type FlipDirection = 'horizontal' | 'vertical' | 'diagonal';

/** The sample mirrored left to right, top to bottom, or both. */
export function mirrored(sample: Fields, direction: FlipDirection, transform: string): Fields {
  const { height, width } = imageOf(sample, transform);
  const flip = mirroring(direction, [height, width]);
  return moved(sample, { ...flip, image: flip.labels }, transform);
}

/** What {@link mirrored} changes beside an image of `size`. */
export function mirroredAnnotations(sample: Fields, direction: FlipDirection, size: Size): Fields {
  return movedAnnotations(sample, mirroring(direction, size), size);
}

function mirroring(direction: FlipDirection, [height, width]: Size) {
  const [x, y] = [direction !== 'vertical', direction !== 'horizontal'];
  const matrix = stretch(x ? -1 : 1, y ? -1 : 1, [x ? width : 0, y ? height : 0]);
  return { matrix, labels: (view: ImageView) => flipped(view, { x, y }) };
}

export interface WarpInit {
  readonly transform: string;
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fill: number | readonly number[];
  readonly segFill: number;
  /** Size of the new image, then `img_shape` is set. Default: that of the old one. */
  readonly size?: readonly [height: number, width: number];
}

/** The sample moved by a map from places of the old image to places of the new. */
export function warped(sample: Fields, matrix: Matrix, { transform, segFill, size, ...look }: WarpInit): Fields {
  const image = imageOf(sample, transform);
  const [height, width] = size ?? [image.height, image.width];
  const to = { height, width, inverse: inverted(matrix) };
  const geometry: Geometry = {
    matrix,
    image: (view) => warp(numbersIn(view, transform), { ...to, ...look }),
    labels: (view, key) => warpNearest(view, { ...to, fill: key === 'gt_seg_map' ? segFill : 0 }),
  };
  return size === undefined ? moved(sample, geometry, transform) : movedAndSized(sample, geometry, transform);
}
