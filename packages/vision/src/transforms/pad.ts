import type { Transform } from '@engine/dataset';
import { defineTransform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { cropped, IGNORED } from '../geometries.js';
import { type ImageView, imageOf } from '../image.js';
import { extent, filling } from '../options.js';
import type { PaddingMode } from '../pixels/windows.js';

const amount = z.int().check(z.nonnegative());

const padOptions = z.strictObject({
  padding: z.optional(z.union([amount, z.tuple([amount, amount]), z.tuple([amount, amount, amount, amount])])),
  size: z.optional(z.tuple([extent, extent])),
  sizeDivisor: z.optional(extent),
  padToSquare: z._default(z.boolean(), false),
  fill: z.optional(filling),
  padVal: z.optional(z.union([filling, z.strictObject({ img: z.optional(filling), seg: z.optional(z.number()) })])),
  paddingMode: z._default(z.enum(['constant', 'edge', 'reflect', 'symmetric']), 'constant'),
});
export interface PadOptions extends z.input<typeof padOptions> {}
type Parsed = z.output<typeof padOptions>;

/**
 * Puts pixels around the image. One of:
 * - `padding`, as torchvision: so many on each side; [left and right, top and bottom]; or [left, top, right, bottom];
 * - `size` [width, height], `sizeDivisor` or `padToSquare`, as MMCV: so many at the right and below that the image has at least this size, sides that the number
 *   divides, or is a square. `padToSquare` and `size` go together with `sizeDivisor`. Sets `pad_shape`, `pad_size_divisor`.
 *
 * `paddingMode`: `constant` (default) is `fill` (default 0; a list: one a channel); `edge` repeats the border, `reflect` mirrors without it, `symmetric` with it.
 * `padVal` is `fill`, or `{ img, seg }` with the value for class maps (default 255).
 *
 * `inputs`: `(H, W)` or `(H, W, C)`, any element type. Boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made; `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class Pad implements Transform {
  static readonly entry = defineTransform<'Pad', typeof padOptions, PadOptions>({
    name: 'Pad',
    options: padOptions,
    create: (options) => new Pad(options),
    module: '@engine/vision',
    doc: 'Puts pixels around the image.',
  });
  readonly #options: Parsed;
  readonly #fill: number | readonly number[];
  readonly #segFill: number;

  constructor(options: PadOptions) {
    this.#options = parseOptions(padOptions, options, { subject: 'Pad' }).value;
    const { fill, padVal } = this.#options;
    checkOptions(this.#options);
    const byKind = typeof padVal === 'object' && !Array.isArray(padVal) ? padVal : { img: padVal };
    this.#fill = fill ?? byKind.img ?? 0;
    this.#segFill = 'seg' in byKind && byKind.seg !== undefined ? byKind.seg : IGNORED;
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    const image = imageOf(sample, 'Pad');
    const { paddingMode, padding, sizeDivisor } = this.#options;
    const [left, top, right, bottom] = padding === undefined ? this.#missing(image) : onEachSide(padding);
    const window = { top: -top, left: -left, height: image.height + top + bottom, width: image.width + left + right };
    const beyond = { mode: paddingMode as PaddingMode, fill: this.#fill };
    const out = cropped(sample, window, { transform: 'Pad', beyond, segFill: this.#segFill });
    if (padding !== undefined) return out;
    return { ...out, pad_shape: [window.height, window.width], pad_size_divisor: sizeDivisor ?? null };
  }

  /** What the image lacks, at the right and below. */
  #missing(image: ImageView): readonly [0, 0, right: number, bottom: number] {
    const { size, padToSquare, sizeDivisor = 1 } = this.#options;
    const side = Math.max(image.height, image.width);
    const [width, height] = padToSquare ? [side, side] : (size ?? [image.width, image.height]);
    const lacking = (has: number, wanted: number) => Math.ceil(Math.max(has, wanted) / sizeDivisor) * sizeDivisor - has;
    return [0, 0, lacking(image.width, width), lacking(image.height, height)];
  }
}

function onEachSide(padding: NonNullable<Parsed['padding']>): readonly [number, number, number, number] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  return padding.length === 2 ? [padding[0], padding[1], padding[0], padding[1]] : padding;
}

function checkOptions(options: Parsed): void {
  const { padding, size, sizeDivisor, padToSquare, fill, padVal } = options;
  const byMmcv = size !== undefined || sizeDivisor !== undefined || padToSquare;
  const isOne = (padding !== undefined) !== byMmcv && !(size !== undefined && padToSquare);
  if (isOne && !(fill !== undefined && padVal !== undefined)) return;
  throw visionErrors.OPTION_CONFLICT({
    subject: 'Pad',
    expected: 'padding, or one of size and padToSquare, or sizeDivisor; fill or padVal',
    received: JSON.stringify(options),
    action: 'padding adds to each side (torchvision); the others say how large the image becomes (MMCV)',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    Pad: typeof Pad;
  }
}
