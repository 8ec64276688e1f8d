import type { KeyedRandom } from '@engine/core';
import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom, settle } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { type Geometry, movedAndSized } from '../annotations.js';
import { between } from '../draws.js';
import { imageOf } from '../image.js';
import { bothSides, range, sides } from '../options.js';
import { DecodedWindow } from '../pixels/decoded-window.js';
import { resampled } from '../pixels/lazy-resample.js';
import { stretch } from '../pixels/matrix.js';
import { numbersIn, roundHalfEven } from '../pixels/number-image.js';
import type { Size } from '../pixels/plain-jpeg.js';
import { pick, type Window } from '../pixels/resample.js';
import { interpolations } from './resize.js';

const randomResizedCropOptions = z.strictObject({
  size: sides,
  scale: z._default(range, [0.08, 1]),
  ratio: z._default(range, [3 / 4, 4 / 3]),
  interpolation: z._default(interpolations, 'bilinear'),
  antialias: z._default(z.boolean(), true),
});
export interface RandomResizedCropOptions extends z.input<typeof randomResizedCropOptions> {}

/**
 * Cuts out a piece of random area (`scale`, of that of the image, default 0.08 to 1) and shape (`ratio` of width to height, default 3/4 to 4/3, evenly on
 * a logarithmic scale) and gives it `size`, a side or [height, width]. Where ten draws do not fit, the middle is taken.
 *
 * `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64. Boxes, points, masks and class maps go along.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomResizedCrop implements Transform {
  static readonly entry = defineTransform<
    'RandomResizedCrop',
    typeof randomResizedCropOptions,
    RandomResizedCropOptions
  >({
    name: 'RandomResizedCrop',
    options: randomResizedCropOptions,
    create: (options) => new RandomResizedCrop(options),
    module: '@engine/vision',
    doc: 'Cuts out a piece of random area and shape, and resizes it.',
  });
  readonly #options: z.output<typeof randomResizedCropOptions>;

  constructor(options: RandomResizedCropOptions) {
    this.#options = parseOptions(randomResizedCropOptions, options, { subject: 'RandomResizedCrop' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    return settle(this.defer(sample, ctx));
  }

  defer(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { inputs } = sample;
    if (inputs instanceof DecodedWindow)
      return this.#cropped({ ...sample, inputs: inputs.pixels }, whole(inputs.window));
    const ready = settle(sample);
    return this.#cropped(ready, this.windowIn(imageOf(ready, 'RandomResizedCrop'), ctx));
  }

  #cropped(sample: Record<string, unknown>, window: Window): Record<string, unknown> {
    const { size, interpolation, antialias } = this.#options;
    const [height, width] = bothSides(size);
    const [x, y] = [width / window.width, height / window.height];
    const geometry: Geometry = {
      matrix: stretch(x, y, [-window.left * x, -window.top * y]),
      image: (view) =>
        resampled(numbersIn(view, 'RandomResizedCrop'), { height, width, interpolation, antialias, window }),
      labels: (view) => pick(view, { height, width, window }),
    };
    return movedAndSized(sample, geometry, 'RandomResizedCrop');
  }

  /** Which window it takes of an image of a size, for a sample. */
  windowIn(size: Size, ctx: SampleContext): Window {
    return this.#window(size, sampleRandom(ctx));
  }

  #window({ height, width }: Size, random: KeyedRandom): Window {
    const { scale, ratio } = this.#options;
    for (let tries = 0; tries < 10; tries++) {
      const area = height * width * between(random, scale);
      const shape = Math.exp(between(random, [Math.log(ratio[0]), Math.log(ratio[1])]));
      const w = roundHalfEven(Math.sqrt(area * shape));
      const h = roundHalfEven(Math.sqrt(area / shape));
      if (w < 1 || h < 1 || w > width || h > height) continue;
      return { top: random.nextInt(height - h + 1), left: random.nextInt(width - w + 1), height: h, width: w };
    }
    return middle(height, width, ratio);
  }
}

const whole = ({ height, width }: Size): Window => ({ top: 0, left: 0, height, width });

/** The largest piece in the middle whose shape is allowed. */
function middle(height: number, width: number, [narrow, wide]: readonly [number, number]): Window {
  const shape = width / height;
  const h = shape < narrow ? Math.max(1, roundHalfEven(width / narrow)) : height;
  const w = shape > wide ? Math.max(1, roundHalfEven(height * wide)) : width;
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}

declare module '@engine/registry' {
  interface Transforms {
    RandomResizedCrop: typeof RandomResizedCrop;
  }
}
