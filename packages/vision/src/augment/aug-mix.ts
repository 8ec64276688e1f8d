import type { HostArray, KeyedRandom } from '@engine/core';
import type { SampleContext, Transform } from '@engine/dataset';
import { defineTransform, sampleRandom } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { extent, filling } from '../options.js';
import { blank, type NumberImage, numbersOf } from '../pixels/number-image.js';
import { checkBytes } from './check-bytes.js';
import { dirichlet } from './dirichlet.js';
import { operated } from './operations.js';
import { drawn, isColour, type Reach, type Strengths, strengths, usualReach } from './spaces.js';

const augMixOptions = z.strictObject({
  severity: z._default(z.int().check(z.minimum(1), z.maximum(10)), 3),
  mixtureWidth: z._default(extent, 3),
  chainDepth: z._default(z.union([extent, z.literal(-1)]), -1),
  alpha: z._default(z.number().check(z.positive()), 1),
  allOps: z._default(z.boolean(), true),
  interpolation: z._default(z.enum(['nearest', 'bilinear']), 'bilinear'),
  fill: z._default(filling, 0),
});
export interface AugMixOptions extends z.input<typeof augMixOptions> {}

/**
 * Mixes the image with `mixtureWidth` (default 3) chains of changes of it, with weights from Dirichlet distributions of parameter `alpha` (default 1). A chain has `chainDepth` changes; -1
 * (default): 1 to 3. Strengths are the weakest `severity` (default 3) of ten. `allOps` (default true): brightness, colour, contrast and sharpness too.
 * Annotations stay: the mixture shows the image in its place as well. Around what moves is `fill` (default 0).
 *
 * `inputs` uint8 `(H, W)`, `(H, W, 1)` or `(H, W, 3)` in red, green, blue.
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_IMAGE_SHAPE`
 */
export class AugMix implements Transform {
  static readonly entry = defineTransform<'AugMix', typeof augMixOptions, AugMixOptions>({
    name: 'AugMix',
    options: augMixOptions,
    create: (options) => new AugMix(options),
    module: '@engine/vision',
    doc: 'Mixes the image with chains of changes of it.',
  });
  readonly #options: z.output<typeof augMixOptions>;

  constructor(options: AugMixOptions = {}) {
    this.#options = parseOptions(augMixOptions, options, { subject: 'AugMix' }).value;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): Record<string, unknown> {
    checkBytes(sample, 'AugMix');
    const image = numbersOf(sample, 'AugMix');
    const { mixtureWidth, chainDepth, alpha } = this.#options;
    const random = sampleRandom(ctx);
    const [own = 0, changed = 0] = dirichlet(random, alpha, 2);
    const weights = dirichlet(random, alpha, mixtureWidth);
    const mix = Float32Array.from(image.data, (value) => own * value);
    for (const weight of weights) {
      const depth = chainDepth > 0 ? chainDepth : 1 + random.nextInt(3);
      const { data } = this.#chain(image, depth, random);
      for (let i = 0; i < mix.length; i++) (mix[i] as number) += changed * weight * (data[i] as number);
    }
    const out = blank(image, image.height, image.width);
    for (let i = 0; i < mix.length; i++) out.data[i] = Math.min(255, Math.trunc(mix[i] as number));
    return { ...sample, inputs: out.array };
  }

  #chain({ array, height, width }: NumberImage, depth: number, random: KeyedRandom): HostArray {
    const { severity, allOps, interpolation, fill } = this.#options;
    const reach: Reach = { ...usualReach(height, width), translate: [width / 3, height / 3], bits: [4, 0] };
    const space = strengths(10, reach).filter((each) => each.name !== 'Identity' && (allOps || !isColour(each)));
    let sample: Record<string, unknown> = { inputs: array };
    for (let i = 0; i < depth; i++) {
      const change = drawn(space[random.nextInt(space.length)] as Strengths, random.nextInt(severity), random);
      sample = operated(sample, change, { transform: 'AugMix', interpolation, fill, segFill: 0 });
    }
    return sample.inputs as HostArray;
  }
}

declare module '@engine/registry' {
  interface Transforms {
    AugMix: typeof AugMix;
  }
}
