import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { probability } from '../options.js';
import { grey } from '../pixels/colour.js';
import { checkColour, numbersOf } from '../pixels/number-image.js';

const randomGrayscaleOptions = z.strictObject({
  p: z.optional(probability),
  prob: z.optional(probability),
});
export interface RandomGrayscaleOptions extends z.input<typeof randomGrayscaleOptions> {}

/**
 * Takes the colour away with probability `p`, or `prob` as MMCV calls it (default 0.1); the number of channels stays.
 *
 * `inputs` `(H, W)`, `(H, W, 1)` or `(H, W, 3)` in red, green, blue; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made; `ENGINE_VISION_IMAGE_SHAPE`, `ENGINE_VISION_IMAGE_TYPE`
 */
export class RandomGrayscale implements Transform {
  static readonly entry = defineTransform<'RandomGrayscale', typeof randomGrayscaleOptions, RandomGrayscaleOptions>({
    name: 'RandomGrayscale',
    options: randomGrayscaleOptions,
    create: (options) => new RandomGrayscale(options),
    module: '@engine/vision',
    doc: 'Takes the colour away, or not.',
  });
  readonly #p: number;

  constructor(options: RandomGrayscaleOptions = {}) {
    const { p, prob } = parseOptions(randomGrayscaleOptions, options, { subject: 'RandomGrayscale' }).value;
    this.#p = p ?? prob ?? 0.1;
    if (p === undefined || prob === undefined) return;
    throw visionErrors.OPTION_CONFLICT({
      subject: 'RandomGrayscale',
      expected: 'p or prob, which mean the same',
      received: `p = ${p}, prob = ${prob}`,
      action: 'leave one of them out',
    });
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const image = numbersOf(sample, 'RandomGrayscale');
    checkColour(image, 'RandomGrayscale');
    return sampleRandom(ctx).nextFloat() < this.#p ? { ...sample, inputs: grey(image) } : sample;
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomGrayscale: typeof RandomGrayscale;
  }
}
