import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { mirrored } from '../geometries.js';
import { probability } from '../options.js';

const randomVerticalFlipOptions = z.strictObject({ p: z._default(probability, 0.5) });
export interface RandomVerticalFlipOptions extends z.input<typeof randomVerticalFlipOptions> {}

/**
 * Mirrors the image top to bottom with probability `p` (default 0.5); boxes, points, masks and class maps go along.
 *
 * `inputs`: `(H, W)` or `(H, W, C)`, any element type. @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomVerticalFlip implements Transform {
  static readonly entry = defineTransform<
    'RandomVerticalFlip',
    typeof randomVerticalFlipOptions,
    RandomVerticalFlipOptions
  >({
    name: 'RandomVerticalFlip',
    options: randomVerticalFlipOptions,
    create: (options) => new RandomVerticalFlip(options),
    module: '@engine/vision',
    doc: 'Mirrors the image top to bottom, or not.',
  });
  readonly #p: number;

  constructor(options: RandomVerticalFlipOptions = {}) {
    this.#p = parseOptions(randomVerticalFlipOptions, options, { subject: 'RandomVerticalFlip' }).value.p;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    return sampleRandom(ctx).nextFloat() < this.#p ? mirrored(sample, 'vertical', 'RandomVerticalFlip') : sample;
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomVerticalFlip: typeof RandomVerticalFlip;
  }
}
