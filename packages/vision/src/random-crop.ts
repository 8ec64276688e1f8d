import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from './errors.js';
import { blankLike, type ImageView, imageOf, pixelsOf } from './image.js';

const extent = z.int().check(z.positive());

const randomCropOptions = z.strictObject({
  size: z.union([extent, z.tuple([extent, extent])]),
  padding: z._default(z.int().check(z.nonnegative()), 0),
  fill: z._default(z.number(), 0),
});
export interface RandomCropOptions extends z.input<typeof randomCropOptions> {}

/**
 * Cuts a window of `size` (a side, or [height, width]) out of the image at a random place, every place equally likely,
 * after adding `padding` pixels (default 0) of value `fill` (default 0) on each side.
 *
 * `inputs`: `(H, W)` or `(H, W, C)`, any element type, to `(height, width[, C])`.
 * @throws `ENGINE_VISION_IMAGE_SHAPE` when the padded image is smaller than the window; `ENGINE_VISION_IMAGE_TYPE`
 */
export class RandomCrop implements Transform {
  static readonly entry = defineTransform<'RandomCrop', typeof randomCropOptions, RandomCropOptions>({
    name: 'RandomCrop',
    options: randomCropOptions,
    create: (options) => new RandomCrop(options),
    module: '@engine/vision',
    doc: 'Cuts a window out of the padded image at a random place.',
  });
  readonly #height: number;
  readonly #width: number;
  readonly #padding: number;
  readonly #fill: number;

  /** @throws `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: RandomCropOptions) {
    const { size, padding, fill } = parseOptions(randomCropOptions, options, { subject: 'RandomCrop' }).value;
    [this.#height, this.#width] = typeof size === 'number' ? [size, size] : size;
    this.#padding = padding;
    this.#fill = fill;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const image = imageOf(sample, 'RandomCrop');
    const [rows, columns] = [
      image.height + 2 * this.#padding - this.#height,
      image.width + 2 * this.#padding - this.#width,
    ];
    if (rows < 0 || columns < 0) throw this.#tooSmall(image);
    const random = sampleRandom(ctx);
    const [top, left] = [random.nextInt(rows + 1) - this.#padding, random.nextInt(columns + 1) - this.#padding];
    return { ...sample, inputs: this.#window(image, top, left) };
  }

  /** The window whose upper left corner is at (top, left) of the image, which may be outside. */
  #window(image: ImageView, top: number, left: number) {
    const { height, width, channels } = image;
    const out = blankLike(image, this.#height, this.#width);
    const [source, target] = [pixelsOf(image.array), pixelsOf(out)];
    if (this.#fill !== 0) target.fill(out.dtype === 'int64' ? BigInt(Math.trunc(this.#fill)) : this.#fill);
    const [from, to] = [Math.max(0, left), Math.min(width, left + this.#width)];
    if (from >= to) return out;
    for (let y = Math.max(0, top); y < Math.min(height, top + this.#height); y++) {
      const run = source.subarray((y * width + from) * channels, (y * width + to) * channels);
      target.set(run, ((y - top) * this.#width + from - left) * channels);
    }
    return out;
  }

  #tooSmall({ height, width }: ImageView): Error {
    return visionErrors.IMAGE_SHAPE({
      subject: 'RandomCrop',
      expected: `an image of at least ${this.#height} x ${this.#width} with padding = ${this.#padding} on each side`,
      received: `${height} x ${width}`,
      action: 'resize first, choose a smaller size, or more padding',
    });
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomCrop: typeof RandomCrop;
  }
}
