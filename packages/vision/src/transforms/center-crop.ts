import type { Transform } from '@engine/dataset';
import { defineTransform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { cropped, IGNORED } from '../geometries.js';
import { imageOf } from '../image.js';
import { bothSides, filling, sides } from '../options.js';
import { roundHalfEven } from '../pixels/number-image.js';

const centerCropOptions = z.strictObject({
  size: sides,
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface CenterCropOptions extends z.input<typeof centerCropOptions> {}

/**
 * Cuts the middle out of the image: `size` is a side, or [height, width]. Where the image is smaller, `fill` (default 0; a list: one a
 * channel) is put around it, and `segFill` (default 255) around its class map.
 *
 * `inputs` `(H, W)` or `(H, W, C)`, any element type; boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
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
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    const image = imageOf(sample, 'CenterCrop');
    const { size, fill, segFill } = this.#options;
    const [height, width] = bothSides(size);
    const window = { top: start(image.height, height), left: start(image.width, width), height, width };
    return cropped(sample, window, { transform: 'CenterCrop', beyond: { mode: 'constant', fill }, segFill });
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
