import { defineTransform, type SampleContext, sampleRandom, type Transform } from '@engine/dataset';
import * as z from 'zod/mini';
import { probability } from '../options.js';
import { branch, built, composed, type StageConfig, stage } from './nested.js';

const randomApplyOptions = z.strictObject({
  transforms: stage,
  prob: z._default(probability, 0.5),
});
export interface RandomApplyOptions extends Omit<z.input<typeof randomApplyOptions>, 'transforms'> {
  readonly transforms: StageConfig;
}

/** Applies transforms, all of them in their order, with probability `prob` (default 0.5). */
export class RandomApply implements Transform {
  static readonly entry = defineTransform<'RandomApply', typeof randomApplyOptions, RandomApplyOptions>({
    name: 'RandomApply',
    options: randomApplyOptions,
    create: ({ transforms, prob }, ctx) => new RandomApply(built(ctx, [transforms].flat()), { prob }),
    module: '@engine/vision',
    doc: 'Applies transforms, or not.',
  });
  readonly #transforms: Transform;
  readonly #prob: number;

  constructor(transforms: readonly Transform[], { prob = 0.5 }: { readonly prob?: number } = {}) {
    this.#transforms = composed(transforms);
    this.#prob = prob;
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): ReturnType<Transform['transform']> {
    if (sampleRandom(ctx).nextFloat() >= this.#prob) return sample;
    return this.#transforms.transform(sample, branch(ctx, 'in'));
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomApply: typeof RandomApply;
  }
}
