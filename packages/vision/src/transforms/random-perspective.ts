import type { KeyedRandom } from '@engine/core';
import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { IGNORED, warped } from '../geometries.js';
import { imageOf } from '../image.js';
import { filling, probability } from '../options.js';
import { perspectiveMatrix } from '../pixels/matrix.js';
import type { Matrix } from '../pixels/warp.js';

const randomPerspectiveOptions = z.strictObject({
  distortionScale: z._default(probability, 0.5),
  p: z._default(probability, 0.5),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'bilinear'),
  fill: z._default(filling, 0),
  segFill: z._default(z.number(), IGNORED),
});
export interface RandomPerspectiveOptions extends z.input<typeof randomPerspectiveOptions> {}
type Corner = readonly [x: number, y: number];
type Corners = readonly Corner[];

/**
 * With probability `p` (default 0.5) moves each corner of the image inwards, at most by `distortionScale` (default 0.5) of half the side; where ten draws leave too
 * little between them, as in an image of one row, nothing happens. Boxes, points, masks and class maps go along.
 * Around it is `fill` (default 0; a list: one a channel), and `segFill` (default 255) around class maps. `inputs` `(H, W)` or `(H, W, C)`; uint8, int32, float32 or float64.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export class RandomPerspective implements Transform {
  static readonly entry = defineTransform<
    'RandomPerspective',
    typeof randomPerspectiveOptions,
    RandomPerspectiveOptions
  >({
    name: 'RandomPerspective',
    options: randomPerspectiveOptions,
    create: (options) => new RandomPerspective(options),
    module: '@engine/vision',
    doc: 'Tilts the image at random, or not.',
  });
  readonly #options: z.output<typeof randomPerspectiveOptions>;

  constructor(options: RandomPerspectiveOptions = {}) {
    this.#options = parseOptions(randomPerspectiveOptions, options, { subject: 'RandomPerspective' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    const { height, width } = imageOf(sample, 'RandomPerspective');
    const { distortionScale: _, p, ...look } = this.#options;
    const random = sampleRandom(ctx);
    if (random.nextFloat() >= p) return sample;
    const matrix = this.#matrix(height, width, random);
    return matrix === undefined ? sample : warped(sample, matrix, { transform: 'RandomPerspective', ...look });
  }

  /** Corners of small images may end up in a line, or too near to each other: then all are drawn again. */
  #matrix(height: number, width: number, random: KeyedRandom): Matrix | undefined {
    const from = cornersOf(height - 1, width - 1);
    const [across = 0, down = 0] = [width, height].map(
      (side) => Math.trunc(this.#options.distortionScale * Math.floor(side / 2)) + 1,
    );
    const inwards = (at: number, reach: number) => at + (at === 0 ? 1 : -1) * random.nextInt(reach);
    for (let tries = 0; tries < 10; tries++) {
      const to = from.map(([x, y]) => [inwards(x, across), inwards(y, down)] as const);
      if (!isConvex(to)) continue;
      const matrix = perspectiveMatrix(from, to);
      const [, , , , , , g, h, i] = matrix;
      if (cornersOf(height, width).every(([x, y]) => g * x + h * y + i > 0)) return matrix; // the horizon is outside
    }
    return undefined;
  }
}

/** Clockwise from the top left. */
const cornersOf = (bottom: number, right: number): Corners => [
  [0, 0],
  [right, 0],
  [right, bottom],
  [0, bottom],
];

/** Whether the way round turns right at each corner. */
function isConvex(corners: Corners): boolean {
  return corners.every(([x, y], i) => {
    const [[x1, y1], [x2, y2]] = [corners[(i + 1) % 4], corners[(i + 2) % 4]] as [Corner, Corner];
    return (x1 - x) * (y2 - y1) - (y1 - y) * (x2 - x1) > 0;
  });
}

declare module '@engine/registry' {
  interface Transforms {
    RandomPerspective: typeof RandomPerspective;
  }
}
