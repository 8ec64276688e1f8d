import { defineTransform, type SampleContext, sampleRandom, type Transform } from '@engine/dataset';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { probability } from '../options.js';
import { branch, built, composed, type Stage, type StageConfig, stage } from './nested.js';

const randomChoiceOptions = z.strictObject({
  transforms: z.array(stage).check(z.minLength(1)),
  prob: z.optional(z.array(probability)),
});
export interface RandomChoiceOptions extends Omit<z.input<typeof randomChoiceOptions>, 'transforms'> {
  readonly transforms: readonly StageConfig[];
}

/**
 * Applies one of several transforms, or of several rows of transforms: each as likely, or with the probabilities `prob`, which add up to 1.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made
 */
export class RandomChoice implements Transform {
  static readonly entry = defineTransform<'RandomChoice', typeof randomChoiceOptions, RandomChoiceOptions>({
    name: 'RandomChoice',
    options: randomChoiceOptions,
    create: ({ transforms, prob }, ctx) => new RandomChoice(built(ctx, transforms), { prob }),
    module: '@engine/vision',
    doc: 'Applies one of several transforms.',
  });
  readonly #stages: readonly Transform[];
  readonly #prob: readonly number[];

  constructor(stages: readonly Stage[], { prob }: { readonly prob?: readonly number[] | undefined } = {}) {
    this.#stages = stages.map(composed);
    this.#prob = prob ?? stages.map(() => 1 / stages.length);
    const total = this.#prob.reduce((sum, p) => sum + p, 0);
    if (this.#prob.length === stages.length && Math.abs(total - 1) < 1e-6) return;
    throw visionErrors.OPTION_CONFLICT({
      subject: 'RandomChoice',
      expected: `${stages.length} probabilities that add up to 1, one for each of transforms`,
      received: `prob = ${JSON.stringify(this.#prob)}`,
      action: 'correct prob, or leave it out to make all as likely',
    });
  }

  transform(sample: Record<string, unknown>, ctx: SampleContext): ReturnType<Transform['transform']> {
    let left = sampleRandom(ctx).nextFloat();
    let i = 0;
    while (i < this.#stages.length - 1 && left >= (this.#prob[i] as number)) left -= this.#prob[i++] as number;
    return (this.#stages[i] as Transform).transform(sample, branch(ctx, i));
  }
}

declare module '@engine/registry' {
  interface Transforms {
    RandomChoice: typeof RandomChoice;
  }
}
