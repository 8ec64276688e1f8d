import { isHostArray } from '@engine/core';
import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { type FlipDirection, mirrored } from '../geometries.js';
import { probability } from '../options.js';

const direction = z.enum(['horizontal', 'vertical', 'diagonal']);
const randomFlipOptions = z.strictObject({
  prob: z.union([probability, z.array(probability).check(z.minLength(1))]),
  direction: z._default(z.union([direction, z.array(direction).check(z.minLength(1))]), 'horizontal'),
  swapSegLabels: z._default(z.array(z.tuple([z.int(), z.int()])), []),
});
export interface RandomFlipOptions extends z.input<typeof randomFlipOptions> {}

/**
 * Mirrors the image as MMCV does: with probability `prob`, in one of the directions (default horizontal; diagonal: both ways), each as likely; or
 * in direction i with probability `prob[i]`. Boxes, points, masks and class maps go along. Sets `flip` and `flip_direction` (null when not mirrored).
 * With `swapSegLabels` [[left, right], ...] these classes of a class map change places when left and right do.
 *
 * `inputs`: `(H, W)` or `(H, W, C)`, any element type.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made; `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomFlip implements Transform {
  static readonly entry = defineTransform<'RandomFlip', typeof randomFlipOptions, RandomFlipOptions>({
    name: 'RandomFlip',
    options: randomFlipOptions,
    create: (options) => new RandomFlip(options),
    module: '@engine/vision',
    doc: 'Mirrors the image and its annotations in one of several directions, or not.',
  });
  readonly #chances: readonly (readonly [FlipDirection, number])[];

  readonly #swaps: ReadonlyMap<number, number>;

  constructor(options: RandomFlipOptions) {
    const parsed = parseOptions(randomFlipOptions, options, { subject: 'RandomFlip' }).value;
    this.#swaps = new Map(
      parsed.swapSegLabels.flatMap(([a, b]) => [
        [a, b],
        [b, a],
      ]),
    );
    const directions = [parsed.direction].flat();
    const { prob } = parsed;
    const each = typeof prob === 'number' ? directions.map(() => prob / directions.length) : prob;
    const total = each.reduce((sum, p) => sum + p, 0);
    if (each.length !== directions.length || total > 1 + 1e-9) throw conflict(each, directions);
    this.#chances = directions.map((name, i) => [name, each[i] as number]);
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    let left = sampleRandom(ctx).nextFloat();
    for (const [name, chance] of this.#chances) {
      if (left < chance) return { ...this.#mirrored(sample, name), flip: true, flip_direction: name };
      left -= chance;
    }
    return { ...sample, flip: false, flip_direction: null };
  }

  #mirrored(sample: Record<string, unknown>, way: FlipDirection): Record<string, unknown> {
    const out = mirrored(sample, way, 'RandomFlip');
    const { gt_seg_map: map } = out;
    if (this.#swaps.size === 0 || way === 'vertical' || !isHostArray(map)) return out;
    const data = map.data as Uint8Array; // made by the flip
    for (let i = 0; i < data.length; i++) data[i] = this.#swaps.get(data[i] as number) ?? (data[i] as number);
    return out;
  }
}

function conflict(prob: readonly number[], directions: readonly string[]): Error {
  return visionErrors.OPTION_CONFLICT({
    subject: 'RandomFlip',
    expected: 'a probability for each direction, together at most 1',
    received: `prob = ${JSON.stringify(prob)}, direction = ${JSON.stringify(directions)}`,
    action: 'give one prob for all directions, or a list as long as that of the directions',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    RandomFlip: typeof RandomFlip;
  }
}
