import type { KeyedRandom } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import type { BatchAugment, LabelledImages } from './contract.js';
import { defineBatchAugment } from './define.js';
import { drawBeta, drawOrder } from './draws.js';
import { mixup } from './mixing.js';

const mixupOptions = z.strictObject({
  /** Both parameters of the beta distribution from which the share of the other image is drawn; default 1, all shares alike. */
  alpha: z._default(z.number().check(z.positive()), 1),
});
export interface MixupOptions extends z.input<typeof mixupOptions> {}

/** Blends each image and its target with another of the batch. */
export class Mixup implements BatchAugment {
  static readonly entry = defineBatchAugment<'Mixup', typeof mixupOptions, MixupOptions>({
    name: 'Mixup',
    options: mixupOptions,
    create: (options) => new Mixup(options),
    module: '@engine/model',
    doc: 'Blends each image and its target with another of the batch.',
  });
  readonly alpha: number;

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: MixupOptions = {}) {
    const given = parseOptions(mixupOptions, options, { subject: 'Mixup' }).value;
    this.alpha = given.alpha;
  }

  augment(batch: LabelledImages, random: KeyedRandom): LabelledImages {
    const lambda = drawBeta(random, this.alpha, this.alpha);
    return mixup(batch, drawOrder(random, batch.images.shape[0]), lambda);
  }
}

declare module '@engine/registry' {
  interface BatchAugments {
    Mixup: typeof Mixup;
  }
}
