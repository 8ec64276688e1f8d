import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { IGNORED } from '../geometries.js';
import { imageOf } from '../image.js';
import { extent, filling } from '../options.js';
import { checkBytes } from './check-bytes.js';
import { operated } from './operations.js';
import { drawn, type Strengths, strengths, usualReach } from './spaces.js';

const randAugmentOptions = z
  .strictObject({
    numOps: z._default(z.int().check(z.nonnegative()), 2),
    magnitude: z._default(z.int().check(z.nonnegative()), 9),
    numMagnitudeBins: z._default(extent, 31),
    interpolation: z._default(z.enum(['nearest', 'bilinear']), 'nearest'),
    fill: z._default(filling, 0),
    segFill: z._default(z.number(), IGNORED),
  })
  .check(
    z.refine(({ magnitude, numMagnitudeBins }) => magnitude < numMagnitudeBins, 'magnitude below numMagnitudeBins'),
  );
export interface RandAugmentOptions extends z.input<typeof randAugmentOptions> {}

/**
 * Changes the image `numOps` times (default 2), each time by one of fourteen operations drawn anew, at strength `magnitude` (default 9) of `numMagnitudeBins` (default 31).
 * What moves the image moves boxes, points, masks and class maps along; around it is `fill` (default 0), around class maps `segFill` (default 255).
 *
 * `inputs` uint8 `(H, W)`, `(H, W, 1)` or `(H, W, 3)` in red, green, blue.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_IMAGE_SHAPE`, `ENGINE_VISION_ANNOTATION`, `ENGINE_REGISTRY_BAD_OPTION_VALUE`
 */
export class RandAugment implements Transform {
  static readonly entry = defineTransform<'RandAugment', typeof randAugmentOptions, RandAugmentOptions>({
    name: 'RandAugment',
    options: randAugmentOptions,
    create: (options) => new RandAugment(options),
    module: '@engine/vision',
    doc: 'Changes the image by some of fourteen operations, all equally strong.',
  });
  readonly #options: z.output<typeof randAugmentOptions>;

  constructor(options: RandAugmentOptions = {}) {
    this.#options = parseOptions(randAugmentOptions, options, { subject: 'RandAugment' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    checkBytes(sample, 'RandAugment');
    const { height, width } = imageOf(sample, 'RandAugment');
    const { numOps, magnitude, numMagnitudeBins, ...look } = this.#options;
    const space = strengths(numMagnitudeBins, usualReach(height, width));
    const random = sampleRandom(ctx);
    let out = sample;
    for (let i = 0; i < numOps; i++) {
      const chosen = space[random.nextInt(space.length)] as Strengths;
      out = operated(out, drawn(chosen, magnitude, random), { transform: 'RandAugment', ...look });
    }
    return out;
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandAugment: typeof RandAugment;
  }
}
