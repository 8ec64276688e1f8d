import type { KeyedRandom } from '@engine/core';
import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { between } from '../draws.js';
import type { ImageView } from '../image.js';
import { filling, probability, range } from '../options.js';
import { blank, numbersOf, roundHalfEven } from '../pixels/number-image.js';
import type { Window } from '../pixels/resample.js';

const randomErasingOptions = z.strictObject({
  p: z._default(probability, 0.5),
  scale: z._default(range, [0.02, 0.33]),
  ratio: z._default(range.check(z.refine(([low]) => low > 0, 'above 0')), [0.3, 3.3]),
  value: z._default(z.union([filling, z.literal('random')]), 0),
});
export interface RandomErasingOptions extends z.input<typeof randomErasingOptions> {}

/**
 * With probability `p` (default 0.5) blots out a piece of random area (`scale`, of that of the image, default 0.02 to 0.33) and shape (`ratio` of height to width, default 0.3 to 3.3) with
 * `value`: a number (default 0), one a channel, or 'random': each value of its own, normally distributed, or any of 0 to the largest for integers. Where ten draws do not fit,
 * nothing happens. Annotations stay.
 *
 * `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_IMAGE_TYPE`
 */
export class RandomErasing implements Transform {
  static readonly entry = defineTransform<'RandomErasing', typeof randomErasingOptions, RandomErasingOptions>({
    name: 'RandomErasing',
    options: randomErasingOptions,
    create: (options) => new RandomErasing(options),
    module: '@engine/vision',
    doc: 'Blots out a random part of the image, or not.',
  });
  readonly #options: z.output<typeof randomErasingOptions>;

  constructor(options: RandomErasingOptions = {}) {
    this.#options = parseOptions(randomErasingOptions, options, { subject: 'RandomErasing' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const image = numbersOf(sample, 'RandomErasing');
    const random = sampleRandom(ctx);
    const { p, value } = this.#options;
    const window = random.nextFloat() < p ? this.#window(image, random) : undefined;
    if (window === undefined) return sample;
    const out = blank(image, image.height, image.width);
    out.data.set(image.data);
    const { channels, width, isInteger, max } = image;
    for (let y = window.top; y < window.top + window.height; y++) {
      let at = (y * width + window.left) * channels;
      for (let x = 0; x < window.width; x++)
        for (let c = 0; c < channels; c++, at++) {
          if (value === 'random') out.data[at] = isInteger ? random.nextInt(max + 1) : random.nextNormal();
          else out.data[at] = typeof value === 'number' ? value : (value[value.length === 1 ? 0 : c] ?? 0);
        }
    }
    return { ...sample, inputs: out.array };
  }

  #window({ height, width }: ImageView, random: KeyedRandom): Window | undefined {
    const { scale, ratio } = this.#options;
    for (let tries = 0; tries < 10; tries++) {
      const area = height * width * between(random, scale);
      const shape = Math.exp(between(random, [Math.log(ratio[0]), Math.log(ratio[1])]));
      const h = roundHalfEven(Math.sqrt(area * shape));
      const w = roundHalfEven(Math.sqrt(area / shape));
      if (h >= height || w >= width) continue;
      return { top: random.nextInt(height - h + 1), left: random.nextInt(width - w + 1), height: h, width: w };
    }
    return undefined;
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomErasing: typeof RandomErasing;
  }
}
