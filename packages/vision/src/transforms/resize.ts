import type { Transform } from '@engine/dataset';
import { defineTransform, settle } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { type Geometry, movedAndSized } from '../annotations.js';
import { visionErrors } from '../errors.js';
import { type ImageView, imageOf } from '../image.js';
import { extent, sides } from '../options.js';
import type { Interpolation } from '../pixels/filters.js';
import { resampled } from '../pixels/lazy-resample.js';
import { stretch } from '../pixels/matrix.js';
import { numbersIn } from '../pixels/number-image.js';
import { pick } from '../pixels/resample.js';

export const interpolations = z.enum(['nearest', 'bilinear', 'bicubic']);
/** Options of transforms that resize as MMCV does. */
export const rescaling = {
  keepRatio: z._default(z.boolean(), false),
  clipObjectBorder: z._default(z.boolean(), true),
  interpolation: z._default(interpolations, 'bilinear'),
  antialias: z._default(z.boolean(), false),
};
const positive = z.number().check(z.positive());

const resizeOptions = z.strictObject({
  size: z.optional(sides),
  maxSize: z.optional(extent),
  scale: z.optional(z.union([extent, z.tuple([extent, extent])])),
  scaleFactor: z.optional(z.union([positive, z.tuple([positive, positive])])),
  keepRatio: z._default(z.boolean(), false),
  clipObjectBorder: z._default(z.boolean(), true),
  interpolation: z._default(interpolations, 'bilinear'),
  antialias: z.optional(z.boolean()),
});
export interface ResizeOptions extends z.input<typeof resizeOptions> {}
type Parsed = z.output<typeof resizeOptions>;

/** How to resample, and whether boxes stay inside. */
export interface Resampling {
  readonly interpolation: Interpolation;
  readonly antialias: boolean;
  readonly clip: boolean;
}

/**
 * Gives the image another size. One of:
 * - `size`, as torchvision: a number is the new length of the shorter side, with `maxSize` at most that of the longer; [height, width] is the new size.
 *   `antialias` (default true) then counts every old pixel.
 * - `scale` or `scaleFactor`, as MMCV: [width, height] is the new size, or with `keepRatio` the box that the image must fit into, turned as it fits
 *   best; factors multiply the size. `antialias` is then false by default, as in OpenCV. Sets `scale` and `scale_factor`, [x, y], and `keep_ratio`.
 *
 * `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64. Boxes, points, masks and class maps go along; the last two are never blended.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made; `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class Resize implements Transform {
  static readonly entry = defineTransform<'Resize', typeof resizeOptions, ResizeOptions>({
    name: 'Resize',
    options: resizeOptions,
    create: (options) => new Resize(options),
    module: '@engine/vision',
    doc: 'Gives the image another size.',
  });
  readonly #options: Parsed;
  readonly #resampling: Resampling;

  constructor(options: ResizeOptions) {
    this.#options = parseOptions(resizeOptions, options, { subject: 'Resize' }).value;
    const { size, interpolation, antialias = size !== undefined, clipObjectBorder } = this.#options;
    this.#resampling = { interpolation, antialias, clip: clipObjectBorder };
    checkOptions(this.#options);
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    return settle(this.defer(sample));
  }

  defer(given: Record<string, unknown>): Record<string, unknown> {
    const sample = settle(given);
    const image = imageOf(sample, 'Resize');
    const { size, scale, scaleFactor = 1, keepRatio, maxSize } = this.#options;
    if (size !== undefined) {
      const [height, width] = typeof size === 'number' ? shorterSide(image, size, maxSize) : size;
      return resized(sample, { height, width, ...this.#resampling });
    }
    return deferRescaled(sample, scale ?? factored(image, scaleFactor), { keepRatio, ...this.#resampling });
  }
}

type Scale = number | readonly [width: number, height: number];
type Rescaling = Resampling & { readonly keepRatio: boolean };

/** The sample resized as MMCV does it. */
export function rescaled(sample: Record<string, unknown>, scale: Scale, options: Rescaling): Record<string, unknown> {
  return settle(deferRescaled(sample, scale, options));
}

function deferRescaled(
  sample: Record<string, unknown>,
  scale: Scale,
  { keepRatio, ...resampling }: Rescaling,
): Record<string, unknown> {
  const image = imageOf(sample, 'Resize');
  const box = typeof scale === 'number' ? ([scale, scale] as const) : scale;
  const [width, height] = keepRatio ? fitted(image, box) : box;
  const out = resized(sample, { height, width, ...resampling });
  return { ...out, scale: [...box], scale_factor: [width / image.width, height / image.height], keep_ratio: keepRatio };
}

/** The sample with image and annotations of another size. */
function resized(sample: Record<string, unknown>, { clip, ...to }: Resampling & { height: number; width: number }) {
  const { height, width } = imageOf(sample, 'Resize');
  const geometry: Geometry = {
    matrix: stretch(to.width / width, to.height / height),
    image: (view) =>
      to.width === view.width && to.height === view.height ? view.array : resampled(numbersIn(view, 'Resize'), to),
    labels: (view) => pick(view, to),
    clip,
  };
  return movedAndSized(sample, geometry, 'Resize');
}

function shorterSide(
  { height, width }: ImageView,
  size: number,
  maxSize: number | undefined,
): readonly [number, number] {
  const [short, long] = width <= height ? [width, height] : [height, width];
  let newShort = size;
  let newLong = Math.trunc((size * long) / short);
  if (maxSize !== undefined && newLong > maxSize) {
    newShort = Math.max(1, Math.trunc((maxSize * newShort) / newLong));
    newLong = maxSize;
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong];
}

/** The largest size of this shape whose longer side is at most the box's longer one, and the shorter the shorter one. */
function fitted({ height, width }: ImageView, box: readonly [number, number]): readonly [number, number] {
  const factor = Math.min(Math.max(...box) / Math.max(height, width), Math.min(...box) / Math.min(height, width));
  return [Math.max(1, Math.trunc(width * factor + 0.5)), Math.max(1, Math.trunc(height * factor + 0.5))];
}

function factored({ height, width }: ImageView, factor: number | readonly [number, number]): readonly [number, number] {
  const [x, y] = typeof factor === 'number' ? [factor, factor] : factor;
  return [Math.max(1, Math.trunc(width * x + 0.5)), Math.max(1, Math.trunc(height * y + 0.5))];
}

function checkOptions({ size, scale, scaleFactor, maxSize }: Parsed): void {
  const given = Object.entries({ size, scale, scaleFactor }).filter(([, value]) => value !== undefined);
  const isFine = given.length === 1 && (maxSize === undefined || (typeof size === 'number' && maxSize > size));
  if (isFine) return;
  throw visionErrors.OPTION_CONFLICT({
    subject: 'Resize',
    expected: 'one of size, scale and scaleFactor; maxSize only with a single, smaller size',
    received: `${given.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ') || 'none'}${maxSize === undefined ? '' : `, maxSize = ${maxSize}`}`,
    action: 'size is [height, width] or the shorter side (torchvision); scale is [width, height] (MMCV)',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    Resize: typeof Resize;
  }
}
