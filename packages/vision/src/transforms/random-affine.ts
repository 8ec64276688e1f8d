import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { between } from '../draws.js';
import { IGNORED, warped } from '../geometries.js';
import { imageOf } from '../image.js';
import { filling, probability, range } from '../options.js';
import { affineMatrix } from '../pixels/matrix.js';
import { roundHalfEven } from '../pixels/number-image.js';

const randomAffineOptions = z.strictObject({
  degrees: z.union([z.number().check(z.nonnegative()), range]),
  translate: z.optional(z.tuple([probability, probability])),
  scale: z.optional(range.check(z.refine(([low]) => low > 0, 'above 0'))),
  shear: z.optional(
    z.union([z.number().check(z.nonnegative()), range, z.tuple([z.number(), z.number(), z.number(), z.number()])]),
  ),
  center: z.optional(z.tuple([z.number(), z.number()])),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'nearest'),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface RandomAffineOptions extends z.input<typeof randomAffineOptions> {}

/**
 * Turns the image by -`degrees` to `degrees` or an angle of a range (positive is clockwise); shifts it by up to `translate` [of the width, of the height], whole pixels; stretches
 * it by a factor of the range `scale`; shears it by -`shear` to `shear` degrees along x, by [from, to], or by [x from, x to, y from, y to]. About `center` [x, y], by default the
 * middle. Boxes, points, masks and class maps go along.
 * Around it is `fill` (default 0; a list: one a channel), and `segFill` (default 255) around class maps. `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomAffine implements Transform {
  static readonly entry = defineTransform<'RandomAffine', typeof randomAffineOptions, RandomAffineOptions>({
    name: 'RandomAffine',
    options: randomAffineOptions,
    create: (options) => new RandomAffine(options),
    module: '@engine/vision',
    doc: 'Turns, shifts, stretches and shears the image at random.',
  });
  readonly #options: z.output<typeof randomAffineOptions>;

  constructor(options: RandomAffineOptions) {
    this.#options = parseOptions(randomAffineOptions, options, { subject: 'RandomAffine' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { height, width } = imageOf(sample, 'RandomAffine');
    const {
      degrees,
      translate = [0, 0],
      scale = [1, 1],
      shear = 0,
      center = [width / 2, height / 2],
      ...look
    } = this.#options;
    const random = sampleRandom(ctx);
    const angle = between(random, typeof degrees === 'number' ? [-degrees, degrees] : degrees);
    const shift = ([translate[0] * width, translate[1] * height] as const).map((most) =>
      roundHalfEven(between(random, [-most, most])),
    );
    const factor = between(random, scale);
    const [x1, x2, y1 = 0, y2 = 0] = typeof shear === 'number' ? [-shear, shear] : shear;
    const slants = [between(random, [x1, x2]), between(random, [y1, y2])] as const;
    const matrix = affineMatrix({ angle, translate: shift as [number, number], scale: factor, shear: slants, center });
    return warped(sample, matrix, { transform: 'RandomAffine', ...look });
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomAffine: typeof RandomAffine;
  }
}
