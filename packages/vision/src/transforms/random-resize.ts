import { defineTransform, type SampleContext, sampleRandom, type Transform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { between } from '../draws.js';
import { visionErrors } from '../errors.js';
import { extent, range } from '../options.js';
import { rescaled, rescaling } from './resize.js';

const pair = z.tuple([extent, extent]);

const randomResizeOptions = z.strictObject({
  scale: z.union([pair, z.tuple([pair, pair])]),
  ratioRange: z.optional(range.check(z.refine(([low]) => low > 0, 'above 0'))),
  ...rescaling,
});
export interface RandomResizeOptions extends z.input<typeof randomResizeOptions> {}

/**
 * Resizes as MMCV's `Resize` does, to a random `scale`: [width, height] times a factor of `ratioRange`, or a size whose longer and shorter side are each between
 * those of two. `keepRatio` (default false), `interpolation`, `antialias` (default false), `clipObjectBorder` as in `Resize`. Sets what that sets.
 *
 * `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64. Boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made; `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomResize implements Transform {
  static readonly entry = defineTransform<'RandomResize', typeof randomResizeOptions, RandomResizeOptions>({
    name: 'RandomResize',
    options: randomResizeOptions,
    create: (options) => new RandomResize(options),
    module: '@engine/vision',
    doc: 'Resizes to a random size.',
  });
  readonly #options: z.output<typeof randomResizeOptions>;

  constructor(options: RandomResizeOptions) {
    this.#options = parseOptions(randomResizeOptions, options, { subject: 'RandomResize' }).value;
    const { scale, ratioRange } = this.#options;
    if ((typeof scale[0] === 'number') === (ratioRange !== undefined)) return;
    throw visionErrors.OPTION_CONFLICT({
      subject: 'RandomResize',
      expected: 'one size with ratioRange, or two sizes without',
      received: `scale = ${JSON.stringify(scale)}, ratioRange = ${JSON.stringify(ratioRange)}`,
      action: 'scale: [1333, 800], ratioRange: [0.5, 2]; or scale: [[1333, 640], [1333, 800]]',
    });
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { scale, ratioRange, clipObjectBorder, ...look } = this.#options;
    const random = sampleRandom(ctx);
    if (ratioRange !== undefined) {
      const ratio = between(random, ratioRange);
      const [width, height] = (scale as [number, number]).map((side) => Math.max(1, Math.trunc(side * ratio)));
      return rescaled(sample, [width as number, height as number], { ...look, clip: clipObjectBorder });
    }
    const [one, other] = scale as [[number, number], [number, number]];
    const within = (a: number, b: number) => Math.min(a, b) + random.nextInt(Math.abs(a - b) + 1);
    const long = within(Math.max(...one), Math.max(...other));
    const short = within(Math.min(...one), Math.min(...other));
    return rescaled(sample, [long, short], { ...look, clip: clipObjectBorder });
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomResize: typeof RandomResize;
  }
}
