import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { IGNORED, warped } from '../geometries.js';
import { imageOf } from '../image.js';
import { filling, probability } from '../options.js';
import { perspectiveMatrix } from '../pixels/matrix.js';

const randomPerspectiveOptions = z.strictObject({
  distortionScale: z._default(probability, 0.5),
  p: z._default(probability, 0.5),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'bilinear'),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface RandomPerspectiveOptions extends z.input<typeof randomPerspectiveOptions> {}

/**
 * With probability `p` (default 0.5) moves each corner of the image inwards, at most by `distortionScale` (default 0.5) of half the side. Boxes, points, masks and class maps go along.
 * Around it is `fill` (default 0; a list: one a channel), and `segFill` (default 255) around class maps. `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomPerspective implements Transform {
  static readonly entry = defineTransform<
    'RandomPerspective',
    typeof randomPerspectiveOptions,
    RandomPerspectiveOptions
  >({
    name: 'RandomPerspective',
    options: randomPerspectiveOptions,
    create: (options) => new RandomPerspective(options),
    module: '@engine/vision',
    doc: 'Tilts the image at random, or not.',
  });
  readonly #options: z.output<typeof randomPerspectiveOptions>;

  constructor(options: RandomPerspectiveOptions = {}) {
    this.#options = parseOptions(randomPerspectiveOptions, options, { subject: 'RandomPerspective' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { height, width } = imageOf(sample, 'RandomPerspective');
    const { distortionScale, p, ...look } = this.#options;
    const random = sampleRandom(ctx);
    if (random.nextFloat() >= p) return sample;
    const [across, down] = [width, height].map((side) => Math.trunc(distortionScale * Math.floor(side / 2)) + 1) as [
      number,
      number,
    ];
    const [right, bottom] = [width - 1, height - 1];
    const near = (reach: number) => random.nextInt(reach);
    const to = [
      [near(across), near(down)],
      [right - near(across), near(down)],
      [right - near(across), bottom - near(down)],
      [near(across), bottom - near(down)],
    ] as const;
    const from = [
      [0, 0],
      [right, 0],
      [right, bottom],
      [0, bottom],
    ] as const;
    if (width < 2 || height < 2) return sample; // no two corners
    return warped(sample, perspectiveMatrix(from, to), { transform: 'RandomPerspective', ...look });
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomPerspective: typeof RandomPerspective;
  }
}
