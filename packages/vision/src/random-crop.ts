import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom, settle } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { hasAnnotations } from './annotations.js';
import { visionErrors } from './errors.js';
import { croppedAnnotations, IGNORED } from './geometries.js';
import { LazyImage } from './lazy-image.js';

const extent = z.int().check(z.positive());

const randomCropOptions = z.strictObject({
  size: z.union([extent, z.tuple([extent, extent])]),
  padding: z._default(z.int().check(z.nonnegative()), 0),
  fill: z._default(z.number(), 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface RandomCropOptions extends z.input<typeof randomCropOptions> {}

/**
 * Cuts a window of `size` (a side, or [height, width]) out of the image at a random place, every place equally likely,
 * after adding `padding` pixels (default 0) of value `fill` (default 0) on each side, `segFill` (default 255) around its class map.
 *
 * `inputs`: `(H, W)` or `(H, W, C)`, any element type, to `(height, width[, C])`. Boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_IMAGE_SHAPE` when the padded image is smaller than the window; `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
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
  readonly #segFill: number;

  /** @throws `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: RandomCropOptions) {
    const { size, padding, fill, segFill } = parseOptions(randomCropOptions, options, { subject: 'RandomCrop' }).value;
    [this.#height, this.#width] = typeof size === 'number' ? [size, size] : size;
    this.#padding = padding;
    this.#fill = fill;
    this.#segFill = segFill;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    return settle(this.defer(sample, ctx));
  }

  defer(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const image = LazyImage.of(sample, 'RandomCrop');
    const [height, width, padding] = [this.#height, this.#width, this.#padding];
    const [rows, columns] = [image.height + 2 * padding - height, image.width + 2 * padding - width];
    if (rows < 0 || columns < 0) throw this.#tooSmall(image);
    const random = sampleRandom(ctx);
    const window = {
      top: random.nextInt(rows + 1) - padding,
      left: random.nextInt(columns + 1) - padding,
      height,
      width,
    };
    const inputs = image.cut(window, this.#fill);
    if (!hasAnnotations(sample)) return { ...sample, inputs };
    return { ...sample, ...croppedAnnotations(sample, window, { segFill: this.#segFill }), inputs };
  }

  #tooSmall({ height, width }: LazyImage): Error {
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
