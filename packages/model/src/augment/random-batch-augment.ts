import type { KeyedRandom } from '@engine/core';
import type { ConfigOf } from '@engine/registry';
import * as z from 'zod/mini';
import { modelErrors } from '../errors.js';
import type { BatchAugment, LabelledImages } from './contract.js';
import { defineBatchAugment } from './define.js';

const object = z.custom<unknown>((value) => typeof value === 'object' && value !== null);
const randomBatchAugmentOptions = z.strictObject({
  /** Of which one is used for each batch. */
  augments: z.array(object).check(z.minLength(1)),
  /** How often each is used; what is missing to 1 leaves batches as they are. Default: all alike. */
  probs: z.optional(z.array(z.number().check(z.minimum(0), z.maximum(1)))),
});
export interface RandomBatchAugmentOptions extends Omit<z.input<typeof randomBatchAugmentOptions>, 'augments'> {
  readonly augments: readonly ConfigOf<'batchAugment'>[];
}
export interface RandomBatchAugmentInit {
  readonly augments: readonly BatchAugment[];
  readonly probs?: readonly number[] | undefined;
}

/** Uses one of several augmentations for each batch, or none. */
export class RandomBatchAugment implements BatchAugment {
  static readonly entry = defineBatchAugment<
    'RandomBatchAugment',
    typeof randomBatchAugmentOptions,
    RandomBatchAugmentOptions
  >({
    name: 'RandomBatchAugment',
    options: randomBatchAugmentOptions,
    create: ({ augments, probs }, ctx) =>
      new RandomBatchAugment({
        augments: augments.map((config, i) => ctx.build('batchAugment', config, { key: `augments.${i}` })),
        probs,
      }),
    module: '@engine/model',
    doc: 'One of several augmentations for each batch, or none.',
  });
  readonly #augments: readonly BatchAugment[];
  readonly #probs: readonly number[];

  /** @throws `ENGINE_MODEL_BAD_PREPROCESSOR_OPTION` */
  constructor({ augments, probs = augments.map(() => 1 / augments.length) }: RandomBatchAugmentInit) {
    const total = probs.reduce((sum, p) => sum + p, 0);
    if (probs.length !== augments.length || total > 1 + 1e-9) {
      throw modelErrors.BAD_PREPROCESSOR_OPTION({
        subject: 'RandomBatchAugment',
        expected: `${augments.length} probabilities whose sum is at most 1`,
        received: `probs = ${probs.join(', ')}`,
        action: 'give one probability for each augmentation, or leave probs out',
      });
    }
    this.#augments = augments;
    this.#probs = probs;
  }

  augment(batch: LabelledImages, random: KeyedRandom): LabelledImages {
    let draw = random.nextFloat();
    for (const [i, augment] of this.#augments.entries()) {
      draw -= this.#probs[i] as number;
      if (draw < 0) return augment.augment(batch, random);
    }
    return batch;
  }
}

declare module '@engine/registry' {
  interface BatchAugments {
    RandomBatchAugment: typeof RandomBatchAugment;
  }
}
