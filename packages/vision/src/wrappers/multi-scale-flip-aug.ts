import { defineTransform, type SampleContext, TestTimeAug, type Transform } from '@engine/dataset';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { extent } from '../options.js';
import { RandomFlip } from '../transforms/random-flip.js';
import { Resize } from '../transforms/resize.js';
import { built, type StageConfig, stage } from './nested.js';

const pair = z.tuple([extent, extent]);
const factor = z.number().check(z.positive());
const direction = z.enum(['horizontal', 'vertical', 'diagonal']);

const multiScaleFlipAugOptions = z.strictObject({
  transforms: stage,
  imgScale: z.optional(z.union([pair, z.array(pair).check(z.minLength(1))])),
  scaleFactor: z.optional(z.union([factor, z.array(factor).check(z.minLength(1))])),
  keepRatio: z._default(z.boolean(), true),
  allowFlip: z._default(z.boolean(), false),
  flipDirection: z._default(z.union([direction, z.array(direction).check(z.minLength(1))]), 'horizontal'),
});
export interface MultiScaleFlipAugOptions extends Omit<z.input<typeof multiScaleFlipAugOptions>, 'transforms'> {
  readonly transforms: StageConfig;
}
export interface MultiScaleFlipAugInit extends Omit<MultiScaleFlipAugOptions, 'transforms'> {}

/**
 * Versions of a sample for testing: resized to each of `imgScale` ([width, height], or several) or by each of `scaleFactor`, with `keepRatio` (default true); as it is and, with `allowFlip` (default
 * false), mirrored in each `flipDirection`; then `transforms`. The result has a list for each key, one value a version.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` unless exactly one of imgScale and scaleFactor is given
 */
export class MultiScaleFlipAug implements Transform {
  static readonly entry = defineTransform<
    'MultiScaleFlipAug',
    typeof multiScaleFlipAugOptions,
    MultiScaleFlipAugOptions
  >({
    name: 'MultiScaleFlipAug',
    options: multiScaleFlipAugOptions,
    create: ({ transforms, ...options }, ctx) => new MultiScaleFlipAug(built(ctx, [transforms].flat()), options),
    module: '@engine/vision',
    doc: 'Versions of a sample in several sizes, as it is and mirrored.',
  });
  readonly #versions: TestTimeAug;

  constructor(transforms: readonly Transform[], options: MultiScaleFlipAugInit) {
    const { allowFlip = false, flipDirection = 'horizontal' } = options;
    const flips = [
      new RandomFlip({ prob: 0 }),
      ...(allowFlip ? [flipDirection].flat().map((each) => new RandomFlip({ prob: 1, direction: each })) : []),
    ];
    this.#versions = new TestTimeAug([resizes(options), flips, ...transforms.map((transform) => [transform])]);
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): ReturnType<Transform['transform']> {
    return this.#versions.transform(sample, ctx);
  }
}

function resizes({ imgScale, scaleFactor, keepRatio = true }: MultiScaleFlipAugInit): Resize[] {
  if ((imgScale === undefined) === (scaleFactor === undefined)) {
    throw visionErrors.OPTION_CONFLICT({
      subject: 'MultiScaleFlipAug',
      expected: 'one of imgScale and scaleFactor',
      received: imgScale === undefined ? 'neither' : 'both',
      action: 'imgScale: [1333, 800] is a size, scaleFactor: 1 keeps it',
    });
  }
  if (scaleFactor !== undefined)
    return [scaleFactor].flat().map((each) => new Resize({ scaleFactor: each, keepRatio }));
  const scales = (typeof imgScale?.[0] === 'number' ? [imgScale] : imgScale) as readonly [number, number][];
  return scales.map((scale) => new Resize({ scale, keepRatio }));
}

declare module '@engine/registry' {
  interface Transforms {
    MultiScaleFlipAug: typeof MultiScaleFlipAug;
  }
}
