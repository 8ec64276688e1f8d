import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { IGNORED } from '../geometries.js';
import { imageOf } from '../image.js';
import { filling } from '../options.js';
import { checkBytes } from './check-bytes.js';
import { operated } from './operations.js';
import { policyOf, type Step } from './policies.js';
import { drawn, strengths, usualReach } from './spaces.js';

const autoAugmentOptions = z.strictObject({
  policy: z._default(z.enum(['imagenet', 'cifar10', 'svhn']), 'imagenet'),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'nearest'),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface AutoAugmentOptions extends z.input<typeof autoAugmentOptions> {}

/**
 * Changes the image by one of 25 pairs of operations, each with its chance and strength, that were found for `policy`: `imagenet` (default), `cifar10` or `svhn`.
 * What moves the image moves boxes, points, masks and class maps along; around it is `fill` (default 0), around class maps `segFill` (default 255).
 *
 * `inputs` uint8 `(H, W)`, `(H, W, 1)` or `(H, W, 3)` in red, green, blue.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_IMAGE_SHAPE`, `ENGINE_VISION_ANNOTATION`
 */
export class AutoAugment implements Transform {
  static readonly entry = defineTransform<'AutoAugment', typeof autoAugmentOptions, AutoAugmentOptions>({
    name: 'AutoAugment',
    options: autoAugmentOptions,
    create: (options) => new AutoAugment(options),
    module: '@engine/vision',
    doc: 'Changes the image by a pair of operations that was found for a dataset.',
  });
  readonly #options: z.output<typeof autoAugmentOptions>;

  constructor(options: AutoAugmentOptions = {}) {
    this.#options = parseOptions(autoAugmentOptions, options, { subject: 'AutoAugment' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    checkBytes(sample, 'AutoAugment');
    const { height, width } = imageOf(sample, 'AutoAugment');
    const { policy, ...look } = this.#options;
    const pairs = policyOf(policy);
    const space = strengths(10, usualReach(height, width));
    const random = sampleRandom(ctx);
    let out = sample;
    for (const { name, p, bin } of pairs[random.nextInt(pairs.length)] as readonly Step[]) {
      if (random.nextFloat() >= p) continue;
      const known = space.find((each) => each.name === name) ?? { name, magnitudes: undefined, isSigned: false };
      out = operated(out, drawn(known, bin, random), { transform: 'AutoAugment', ...look });
    }
    return out;
  }
}

declare module '@engine/registry' {
  interface Transforms {
    AutoAugment: typeof AutoAugment;
  }
}
