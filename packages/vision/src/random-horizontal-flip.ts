import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom, settle } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { hasAnnotations } from './annotations.js';
import { mirroredAnnotations } from './geometries.js';
import { LazyImage } from './lazy-image.js';

const randomHorizontalFlipOptions = z.strictObject({
  p: z._default(z.number().check(z.minimum(0), z.maximum(1)), 0.5),
});
export interface RandomHorizontalFlipOptions extends z.input<typeof randomHorizontalFlipOptions> {}

/**
 * Mirrors the image left to right with probability `p` (default 0.5); boxes, points, masks and class maps go along.
 *
 * `inputs`: `(H, W)` or `(H, W, C)`, any element type. @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomHorizontalFlip implements Transform {
  static readonly entry = defineTransform<
    'RandomHorizontalFlip',
    typeof randomHorizontalFlipOptions,
    RandomHorizontalFlipOptions
  >({
    name: 'RandomHorizontalFlip',
    options: randomHorizontalFlipOptions,
    create: (options) => new RandomHorizontalFlip(options),
    module: '@engine/vision',
    doc: 'Mirrors the image left to right, or not.',
  });
  readonly #p: number;

  /** @throws `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: RandomHorizontalFlipOptions = {}) {
    this.#p = parseOptions(randomHorizontalFlipOptions, options, { subject: 'RandomHorizontalFlip' }).value.p;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    return settle(this.defer(sample, ctx));
  }

  defer(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const image = LazyImage.of(sample, 'RandomHorizontalFlip');
    if (sampleRandom(ctx).nextFloat() >= this.#p) return sample;
    const inputs = image.mirror();
    if (!hasAnnotations(sample)) return { ...sample, inputs };
    return { ...sample, ...mirroredAnnotations(sample, 'horizontal', [image.height, image.width]), inputs };
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomHorizontalFlip: typeof RandomHorizontalFlip;
  }
}
