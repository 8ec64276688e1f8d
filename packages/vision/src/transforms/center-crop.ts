import type { Transform } from '@engine/dataset';
import { defineTransform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { cropped, IGNORED } from '../geometries.js';
import { type ImageView, imageOf } from '../image.js';
import { bothSides, filling, sides } from '../options.js';
import { roundHalfEven } from '../pixels/number-image.js';

const centerCropOptions = z.strictObject({
  size: z.optional(sides),
  cropSize: z.optional(sides),
  autoPad: z._default(z.boolean(), false),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface CenterCropOptions extends z.input<typeof centerCropOptions> {}

/**
 * Cuts the middle out of the image. `size`, as torchvision, is a side or [height, width]; where the image is smaller, `fill` (default 0; a list: one a
 * channel) is put around it, and `segFill` (default 255) around its class map. `cropSize`, as MMCV, is a side or [width, height]; where the image is smaller, so
 * is the result, unless `autoPad` (default false).
 *
 * `inputs` `(H, W)` or `(H, W, C)`, any element type; boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made; `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class CenterCrop implements Transform {
  static readonly entry = defineTransform<'CenterCrop', typeof centerCropOptions, CenterCropOptions>({
    name: 'CenterCrop',
    options: centerCropOptions,
    create: (options) => new CenterCrop(options),
    module: '@engine/vision',
    doc: 'Cuts out the middle of the image.',
  });
  readonly #options: z.output<typeof centerCropOptions>;

  constructor(options: CenterCropOptions) {
    this.#options = parseOptions(centerCropOptions, options, { subject: 'CenterCrop' }).value;
    const { size, cropSize } = this.#options;
    if ((size === undefined) !== (cropSize === undefined)) return;
    throw visionErrors.OPTION_CONFLICT({
      subject: 'CenterCrop',
      expected: 'one of size and cropSize',
      received: size === undefined ? 'neither' : 'both',
      action: 'size is [height, width] (torchvision), cropSize is [width, height] (MMCV)',
    });
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    const image = imageOf(sample, 'CenterCrop');
    const { fill, segFill } = this.#options;
    const [height, width] = this.#size(image);
    const window = { top: start(image.height, height), left: start(image.width, width), height, width };
    return cropped(sample, window, { transform: 'CenterCrop', beyond: { mode: 'constant', fill }, segFill });
  }

  #size(image: ImageView): readonly [height: number, width: number] {
    const { size, cropSize = 1, autoPad } = this.#options;
    if (size !== undefined) return bothSides(size);
    const [width, height] = bothSides(cropSize);
    return autoPad ? [height, width] : [Math.min(height, image.height), Math.min(width, image.width)];
  }
}

/** Where a middle piece starts: as torchvision rounds. */
function start(length: number, piece: number): number {
  return piece <= length ? roundHalfEven((length - piece) / 2) : -Math.floor((piece - length) / 2);
}

declare module '@engine/registry' {
  interface Transforms {
    CenterCrop: typeof CenterCrop;
  }
}
