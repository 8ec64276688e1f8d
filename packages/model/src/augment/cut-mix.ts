import type { KeyedRandom } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import type { BatchAugment, LabelledImages } from './contract.js';
import { defineBatchAugment } from './define.js';
import { drawBeta, drawBox, drawOrder } from './draws.js';
import { cutmix } from './mixing.js';

const cutMixOptions = z.strictObject({
  /** Both parameters of the beta distribution from which the share of the other image is drawn; default 1, all shares alike. */
  alpha: z._default(z.number().check(z.positive()), 1),
});
export interface CutMixOptions extends z.input<typeof cutMixOptions> {}

/** Replaces a box of each image by that of another of the batch. */
export class CutMix implements BatchAugment {
  static readonly entry = defineBatchAugment<'CutMix', typeof cutMixOptions, CutMixOptions>({
    name: 'CutMix',
    options: cutMixOptions,
    create: (options) => new CutMix(options),
    module: '@engine/model',
    doc: 'Replaces a box of each image by that of another of the batch.',
  });
  readonly alpha: number;

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: CutMixOptions = {}) {
    const given = parseOptions(cutMixOptions, options, { subject: 'CutMix' }).value;
    this.alpha = given.alpha;
  }

  augment(batch: LabelledImages, random: KeyedRandom): LabelledImages {
    const [count, height, width] = batch.images.shape;
    const box = drawBox(random, [height, width], drawBeta(random, this.alpha, this.alpha));
    return cutmix(batch, drawOrder(random, count), box);
  }
}

declare module '@engine/registry' {
  interface BatchAugments {
    CutMix: typeof CutMix;
  }
}
