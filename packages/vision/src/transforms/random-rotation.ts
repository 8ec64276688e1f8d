import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { between } from '../draws.js';
import { IGNORED, warped } from '../geometries.js';
import { imageOf } from '../image.js';
import { filling, range } from '../options.js';
import { affineMatrix, sizeAround } from '../pixels/matrix.js';

const randomRotationOptions = z.strictObject({
  degrees: z.union([z.number().check(z.nonnegative()), range]),
  expand: z._default(z.boolean(), false),
  center: z.optional(z.tuple([z.number(), z.number()])),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'nearest'),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface RandomRotationOptions extends z.input<typeof randomRotationOptions> {}

/**
 * Turns the image by an angle from -`degrees` to `degrees`, or of a range; positive is counter-clockwise. About `center` [x, y], by default the middle. `expand`
 * (default false) makes the new image large enough for all of the old one, when turned about the middle. Boxes, points, masks and class maps go along.
 * Around it is `fill` (default 0; a list: one a channel), and `segFill` (default 255) around class maps. `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomRotation implements Transform {
  static readonly entry = defineTransform<'RandomRotation', typeof randomRotationOptions, RandomRotationOptions>({
    name: 'RandomRotation',
    options: randomRotationOptions,
    create: (options) => new RandomRotation(options),
    module: '@engine/vision',
    doc: 'Turns the image by a random angle.',
  });
  readonly #options: z.output<typeof randomRotationOptions>;

  constructor(options: RandomRotationOptions) {
    this.#options = parseOptions(randomRotationOptions, options, { subject: 'RandomRotation' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { height, width } = imageOf(sample, 'RandomRotation');
    const { degrees, expand, center = [width / 2, height / 2], ...look } = this.#options;
    const angle = between(sampleRandom(ctx), typeof degrees === 'number' ? [-degrees, degrees] : degrees);
    const about = { angle: -angle, translate: [0, 0], scale: 1, shear: [0, 0], center } as const;
    const matrix = affineMatrix(about);
    if (!expand) return warped(sample, matrix, { transform: 'RandomRotation', ...look });
    const size = sizeAround(matrix, height, width);
    const shift = [(size[1] - width) / 2, (size[0] - height) / 2] as const;
    return warped(sample, affineMatrix({ ...about, translate: shift }), { transform: 'RandomRotation', size, ...look });
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomRotation: typeof RandomRotation;
  }
}
