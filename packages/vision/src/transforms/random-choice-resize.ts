import { defineTransform, type SampleContext, sampleRandom, type Transform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { extent } from '../options.js';
import { rescaled, rescaling } from './resize.js';

const randomChoiceResizeOptions = z.strictObject({
  scales: z.array(z.union([extent, z.tuple([extent, extent])])).check(z.minLength(1)),
  ...rescaling,
});
export interface RandomChoiceResizeOptions extends z.input<typeof randomChoiceResizeOptions> {}

/**
 * Resizes as MMCV's `Resize` does, to one of `scales`, [width, height] or a side each, all as likely. `keepRatio` (default false), `interpolation`, `antialias` (default false),
 * `clipObjectBorder` as in `Resize`. Sets what that sets, and `scale_idx`.
 *
 * `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64. Boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomChoiceResize implements Transform {
  static readonly entry = defineTransform<
    'RandomChoiceResize',
    typeof randomChoiceResizeOptions,
    RandomChoiceResizeOptions
  >({
    name: 'RandomChoiceResize',
    options: randomChoiceResizeOptions,
    create: (options) => new RandomChoiceResize(options),
    module: '@engine/vision',
    doc: 'Resizes to one of several sizes.',
  });
  readonly #options: z.output<typeof randomChoiceResizeOptions>;

  constructor(options: RandomChoiceResizeOptions) {
    this.#options = parseOptions(randomChoiceResizeOptions, options, { subject: 'RandomChoiceResize' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { scales, clipObjectBorder, ...look } = this.#options;
    const index = sampleRandom(ctx).nextInt(scales.length);
    const scale = scales[index] as number | [number, number];
    return { ...rescaled(sample, scale, { ...look, clip: clipObjectBorder }), scale_idx: index };
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomChoiceResize: typeof RandomChoiceResize;
  }
}
