import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { IGNORED } from '../geometries.js';
import { extent, filling } from '../options.js';
import { checkBytes } from './check-bytes.js';
import { operated } from './operations.js';
import { drawn, type Reach, type Strengths, strengths } from './spaces.js';

const FAR: Reach = { shear: 0.99, translate: [32, 32], rotate: 135, colour: 0.99, bits: [8, 2] };

const trivialAugmentWideOptions = z.strictObject({
  numMagnitudeBins: z._default(extent, 31),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'nearest'),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface TrivialAugmentWideOptions extends z.input<typeof trivialAugmentWideOptions> {}

/**
 * Changes the image by one of fourteen operations, at one of `numMagnitudeBins` (default 31) strengths, which go far.
 * What moves the image moves boxes, points, masks and class maps along; around it is `fill` (default 0), around class maps `segFill` (default 255).
 *
 * `inputs` uint8 `(H, W)`, `(H, W, 1)` or `(H, W, 3)` in red, green, blue.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_IMAGE_SHAPE`, `ENGINE_VISION_ANNOTATION`
 */
export class TrivialAugmentWide implements Transform {
  static readonly entry = defineTransform<
    'TrivialAugmentWide',
    typeof trivialAugmentWideOptions,
    TrivialAugmentWideOptions
  >({
    name: 'TrivialAugmentWide',
    options: trivialAugmentWideOptions,
    create: (options) => new TrivialAugmentWide(options),
    module: '@engine/vision',
    doc: 'Changes the image by one of fourteen operations, at any strength.',
  });
  readonly #options: z.output<typeof trivialAugmentWideOptions>;

  constructor(options: TrivialAugmentWideOptions = {}) {
    this.#options = parseOptions(trivialAugmentWideOptions, options, { subject: 'TrivialAugmentWide' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    checkBytes(sample, 'TrivialAugmentWide');
    const { numMagnitudeBins, ...look } = this.#options;
    const space = strengths(numMagnitudeBins, FAR);
    const random = sampleRandom(ctx);
    const chosen = space[random.nextInt(space.length)] as Strengths;
    const change = drawn(chosen, random.nextInt(numMagnitudeBins), random);
    return operated(sample, change, { transform: 'TrivialAugmentWide', ...look });
  }
}

declare module '@engine/registry' {
  interface Transforms {
    TrivialAugmentWide: typeof TrivialAugmentWide;
  }
}
