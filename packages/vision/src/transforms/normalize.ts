import { hostArray } from '@engine/core';
import type { Transform } from '@engine/dataset';
import { defineTransform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { type NumberImage, numbersOf } from '../pixels/number-image.js';

const TABLE = new Float32Array(256);

const normalizeOptions = z.strictObject({
  mean: z.array(z.number()).check(z.minLength(1)),
  std: z.array(z.number().check(z.refine((value) => value !== 0, 'not 0'))).check(z.minLength(1)),
  toRgb: z._default(z.boolean(), true),
});
export interface NormalizeOptions extends z.input<typeof normalizeOptions> {}

/**
 * Takes `mean` away from every value and divides by `std`: one number for all channels, or one each, in the scale that the values have (0 to 255 for
 * uint8, 0 to 1 after `ToTensor`). An image that was loaded as blue, green, red is turned round before, unless `toRgb` (default true) is false.
 *
 * `inputs` `(H, W)` or `(H, W, C)`, uint8, int32, float32 or float64, to float32 of the same shape. Sets `img_norm_cfg`.
 * @throws `ENGINE_VISION_IMAGE_SHAPE` for another number of channels; `ENGINE_VISION_IMAGE_TYPE`
 */
export class Normalize implements Transform {
  static readonly entry = defineTransform<'Normalize', typeof normalizeOptions, NormalizeOptions>({
    name: 'Normalize',
    options: normalizeOptions,
    create: (options) => new Normalize(options),
    module: '@engine/vision',
    doc: 'Takes the mean away and divides by the deviation, channel by channel.',
  });
  readonly #options: z.output<typeof normalizeOptions>;

  constructor(options: NormalizeOptions) {
    this.#options = parseOptions(normalizeOptions, options, { subject: 'Normalize' }).value;
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    const image = numbersOf(sample, 'Normalize');
    const { mean, std, toRgb } = this.#options;
    for (const given of [mean, std])
      if (given.length !== 1 && given.length !== image.channels) throw mismatch(given, image);
    const { data, channels, array } = image;
    const turned = toRgb && sample.channel_order === 'bgr' && channels === 3;
    const out = new Float32Array(data.length);
    for (let c = 0; c < channels; c++) {
      const [shift, scale] = [
        Math.fround(mean[mean.length === 1 ? 0 : c] as number),
        Math.fround(std[std.length === 1 ? 0 : c] as number),
      ];
      const from = turned ? 2 - c : c;
      if (data instanceof Uint8Array) {
        for (let value = 0; value < 256; value++) TABLE[value] = Math.fround(value - shift) / scale;
        for (let i = c, at = from; i < out.length; i += channels, at += channels)
          out[i] = TABLE[data[at] as number] as number;
      } else
        for (let i = c, at = from; i < out.length; i += channels, at += channels)
          out[i] = Math.fround((data[at] as number) - shift) / scale;
    }
    const done = {
      ...sample,
      inputs: hostArray('float32', array.shape, out),
      img_norm_cfg: { mean, std, to_rgb: toRgb },
    };
    return turned ? { ...done, channel_order: 'rgb' } : done;
  }
}

function mismatch(given: readonly number[], { array }: NumberImage): Error {
  return visionErrors.IMAGE_SHAPE({
    subject: 'Normalize',
    expected: `an image of ${given.length} channels, as mean or std has`,
    received: `shape (${array.shape.join(', ')})`,
    action: 'give one number for each channel, or one for all',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    Normalize: typeof Normalize;
  }
}
