import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { between } from '../draws.js';
import { visionErrors } from '../errors.js';
import type { ImageView } from '../image.js';
import { range } from '../options.js';
import { bell, blur } from '../pixels/blur.js';
import { numbersOf } from '../pixels/number-image.js';

const odd = z.int().check(
  z.positive(),
  z.refine((value) => value % 2 === 1, 'an odd number'),
);

const gaussianBlurOptions = z.strictObject({
  kernelSize: z.union([odd, z.tuple([odd, odd])]),
  sigma: z._default(
    z.union([z.number().check(z.positive()), range.check(z.refine(([low]) => low > 0, 'above 0'))]),
    [0.1, 2],
  ),
});
export interface GaussianBlurOptions extends z.input<typeof gaussianBlurOptions> {}

/**
 * Blurs the image with a bell curve of `kernelSize` pixels (odd; or [across, down]) and deviation `sigma`: a number, or a range to draw from (default 0.1 to 2).
 * The border mirrors.
 *
 * `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_IMAGE_SHAPE` where the image is not larger than half the kernel; `ENGINE_VISION_IMAGE_TYPE`
 */
export class GaussianBlur implements Transform {
  static readonly entry = defineTransform<'GaussianBlur', typeof gaussianBlurOptions, GaussianBlurOptions>({
    name: 'GaussianBlur',
    options: gaussianBlurOptions,
    create: (options) => new GaussianBlur(options),
    module: '@engine/vision',
    doc: 'Blurs the image.',
  });
  readonly #options: z.output<typeof gaussianBlurOptions>;

  constructor(options: GaussianBlurOptions) {
    this.#options = parseOptions(gaussianBlurOptions, options, { subject: 'GaussianBlur' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const image = numbersOf(sample, 'GaussianBlur');
    const { kernelSize, sigma } = this.#options;
    const [across, down] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    if (image.width <= (across - 1) / 2 || image.height <= (down - 1) / 2) throw tooSmall(image, [across, down]);
    const deviation = typeof sigma === 'number' ? sigma : between(sampleRandom(ctx), sigma);
    return { ...sample, inputs: blur(image, bell(across, deviation), bell(down, deviation)) };
  }
}

function tooSmall({ height, width }: ImageView, [across, down]: readonly [number, number]): Error {
  return visionErrors.IMAGE_SHAPE({
    subject: 'GaussianBlur',
    expected: `an image of more than ${(down - 1) / 2} x ${(across - 1) / 2}, half of kernelSize`,
    received: `${height} x ${width}`,
    action: 'choose a smaller kernelSize, or resize first',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    GaussianBlur: typeof GaussianBlur;
  }
}
