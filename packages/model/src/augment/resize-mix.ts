import type { KeyedRandom } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import type { BatchAugment, LabelledImages } from './contract.js';
import { defineBatchAugment } from './define.js';
import { drawBeta, drawBox, drawOrder } from './draws.js';
import { resizemix } from './mixing.js';

const resizeMixOptions = z.strictObject({
  /** Both parameters of the beta distribution from which the share of the other image is drawn; default 1, all shares alike. */
  alpha: z._default(z.number().check(z.positive()), 1),
  /** Least share of the image that stays, before the box is cut off at the borders; default 0.1. */
  lamMin: z._default(z.number().check(z.minimum(0), z.maximum(1)), 0.1),
  /** Largest share that stays; default 0.8. */
  lamMax: z._default(z.number().check(z.minimum(0), z.maximum(1)), 0.8),
});
export interface ResizeMixOptions extends z.input<typeof resizeMixOptions> {}

/** Puts a smaller copy of another image of the batch into a box of each. */
export class ResizeMix implements BatchAugment {
  static readonly entry = defineBatchAugment<'ResizeMix', typeof resizeMixOptions, ResizeMixOptions>({
    name: 'ResizeMix',
    options: resizeMixOptions,
    create: (options) => new ResizeMix(options),
    module: '@engine/model',
    doc: 'Puts a smaller copy of another image of the batch into a box of each.',
  });
  readonly alpha: number;
  readonly lamMin: number;
  readonly lamMax: number;

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: ResizeMixOptions = {}) {
    const given = parseOptions(resizeMixOptions, options, { subject: 'ResizeMix' }).value;
    this.alpha = given.alpha;
    this.lamMin = given.lamMin;
    this.lamMax = given.lamMax;
  }

  augment(batch: LabelledImages, random: KeyedRandom): LabelledImages {
    const [count, height, width] = batch.images.shape;
    const lambda = drawBeta(random, this.alpha, this.alpha) * (this.lamMax - this.lamMin) + this.lamMin;
    return resizemix(batch, drawOrder(random, count), drawBox(random, [height, width], lambda));
  }
}

declare module '@engine/registry' {
  interface BatchAugments {
    ResizeMix: typeof ResizeMix;
  }
}
