import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { between, permutation } from '../draws.js';
import { range } from '../options.js';
import { brightness, contrast, hue, saturation } from '../pixels/colour.js';
import { checkColour, numbersIn, numbersOf } from '../pixels/number-image.js';

const CHANGES = [brightness, contrast, saturation, hue];

const spread = z.union([z.number().check(z.nonnegative()), range.check(z.refine(([low]) => low >= 0, 'from 0 on'))]);

const colorJitterOptions = z.strictObject({
  brightness: z._default(spread, 0),
  contrast: z._default(spread, 0),
  saturation: z._default(spread, 0),
  hue: z._default(
    z.union([
      z.number().check(z.minimum(0), z.maximum(0.5)),
      range.check(z.refine(([low, high]) => low >= -0.5 && high <= 0.5, 'from -0.5 to 0.5')),
    ]),
    0,
  ),
});
export interface ColorJitterOptions extends z.input<typeof colorJitterOptions> {}

/**
 * Changes brightness, contrast, saturation and hue, in an order drawn anew each time. A number b means factors from max(0, 1 - b) to 1 + b, a pair
 * from the first to the second; for `hue` parts of a turn of the colour circle, -h to h. Default 0: no change.
 *
 * `inputs` `(H, W)`, `(H, W, 1)` or `(H, W, 3)` in red, green, blue; uint8, int32, or floating point from 0 to 1.
 * @throws `ENGINE_VISION_IMAGE_SHAPE`, `ENGINE_VISION_IMAGE_TYPE`
 */
export class ColorJitter implements Transform {
  static readonly entry = defineTransform<'ColorJitter', typeof colorJitterOptions, ColorJitterOptions>({
    name: 'ColorJitter',
    options: colorJitterOptions,
    create: (options) => new ColorJitter(options),
    module: '@engine/vision',
    doc: 'Changes brightness, contrast, saturation and hue at random.',
  });
  /** Of each change, in the order of CHANGES. */
  readonly #ranges: readonly (Range | undefined)[];

  constructor(options: ColorJitterOptions = {}) {
    const parsed = parseOptions(colorJitterOptions, options, { subject: 'ColorJitter' }).value;
    const { brightness: light, contrast: depth, saturation: colour, hue: turn } = parsed;
    this.#ranges = [around(light, 1), around(depth, 1), around(colour, 1), around(turn, 0)];
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    let image = numbersOf(sample, 'ColorJitter');
    checkColour(image, 'ColorJitter');
    const random = sampleRandom(ctx);
    const order = permutation(random, 4);
    const factors = this.#ranges.map((given) => (given === undefined ? undefined : between(random, given)));
    for (const i of order) {
      const factor = factors[i];
      const change = CHANGES[i];
      if (factor === undefined || change === undefined) continue;
      image = numbersIn({ ...image, array: change(image, factor) }, 'ColorJitter');
    }
    return image.array === sample.inputs ? sample : { ...sample, inputs: image.array };
  }
}

type Range = readonly [number, number];

/** Undefined where nothing would change. */
function around(given: number | Range, center: number): Range | undefined {
  const [low, high] = typeof given === 'number' ? [center - given, center + given] : given;
  if (low === center && high === center) return undefined;
  return [center === 1 ? Math.max(0, low) : low, high];
}

declare module '@engine/registry' {
  interface Transforms {
    ColorJitter: typeof ColorJitter;
  }
}
