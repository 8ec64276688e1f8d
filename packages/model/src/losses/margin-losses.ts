/** Losses of distances and rankings as modules that configs can name; options are those of the functions. */
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { defineLoss, LossModule } from './define-loss.js';
import { reduction } from './loss-options.js';
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  softMarginLoss,
  tripletMarginLoss,
} from './margin.js';

declare module '@engine/registry' {
  interface Losses {
    HingeEmbeddingLoss: typeof HingeEmbeddingLoss;
    SoftMarginLoss: typeof SoftMarginLoss;
    MarginRankingLoss: typeof MarginRankingLoss;
    CosineEmbeddingLoss: typeof CosineEmbeddingLoss;
    TripletMarginLoss: typeof TripletMarginLoss;
  }
}

const hingeEmbeddingLossOptions = z.strictObject({
  reduction: reduction(),
  margin: z.optional(z.number()),
});
export interface HingeEmbeddingLossOptions extends z.input<typeof hingeEmbeddingLossOptions> {}

/** Distances of like and unlike pairs. See `hingeEmbeddingLoss`. */
export class HingeEmbeddingLoss extends LossModule<HingeEmbeddingLossOptions> {
  static readonly entry = defineLoss<'HingeEmbeddingLoss', typeof hingeEmbeddingLossOptions, HingeEmbeddingLossOptions>(
    {
      name: 'HingeEmbeddingLoss',
      options: hingeEmbeddingLossOptions,
      create: (options) => new HingeEmbeddingLoss(options),
      module: '@engine/model',
      doc: 'Distances of like and unlike pairs.',
    },
  );

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return hingeEmbeddingLoss(input, target, this.options);
  }
}

const softMarginLossOptions = z.strictObject({
  reduction: reduction(),
});
export interface SoftMarginLossOptions extends z.input<typeof softMarginLossOptions> {}

/** Logistic loss of targets 1 and -1. See `softMarginLoss`. */
export class SoftMarginLoss extends LossModule<SoftMarginLossOptions> {
  static readonly entry = defineLoss<'SoftMarginLoss', typeof softMarginLossOptions, SoftMarginLossOptions>({
    name: 'SoftMarginLoss',
    options: softMarginLossOptions,
    create: (options) => new SoftMarginLoss(options),
    module: '@engine/model',
    doc: 'Logistic loss of targets 1 and -1.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return softMarginLoss(input, target, this.options);
  }
}

const marginRankingLossOptions = z.strictObject({
  reduction: reduction(),
  margin: z.optional(z.number()),
});
export interface MarginRankingLossOptions extends z.input<typeof marginRankingLossOptions> {}

/** Which of two scores is higher. See `marginRankingLoss`. */
export class MarginRankingLoss extends LossModule<MarginRankingLossOptions> {
  static readonly entry = defineLoss<'MarginRankingLoss', typeof marginRankingLossOptions, MarginRankingLossOptions>({
    name: 'MarginRankingLoss',
    options: marginRankingLossOptions,
    create: (options) => new MarginRankingLoss(options),
    module: '@engine/model',
    doc: 'Which of two scores is higher.',
  });

  forward(first: tf.Tensor, second: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return marginRankingLoss(first, second, target, this.options);
  }
}

const cosineEmbeddingLossOptions = z.strictObject({
  reduction: reduction(),
  margin: z.optional(z.number()),
});
export interface CosineEmbeddingLossOptions extends z.input<typeof cosineEmbeddingLossOptions> {}

/** Cosine between like and unlike rows. See `cosineEmbeddingLoss`. */
export class CosineEmbeddingLoss extends LossModule<CosineEmbeddingLossOptions> {
  static readonly entry = defineLoss<
    'CosineEmbeddingLoss',
    typeof cosineEmbeddingLossOptions,
    CosineEmbeddingLossOptions
  >({
    name: 'CosineEmbeddingLoss',
    options: cosineEmbeddingLossOptions,
    create: (options) => new CosineEmbeddingLoss(options),
    module: '@engine/model',
    doc: 'Cosine between like and unlike rows.',
  });

  forward(first: tf.Tensor, second: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return cosineEmbeddingLoss(first, second, target, this.options);
  }
}

const tripletMarginLossOptions = z.strictObject({
  reduction: reduction(),
  margin: z.optional(z.number()),
  p: z.optional(z.number()),
  eps: z.optional(z.number()),
  swap: z.optional(z.boolean()),
});
export interface TripletMarginLossOptions extends z.input<typeof tripletMarginLossOptions> {}

/** Nearer to the positive than to the negative, by a margin. See `tripletMarginLoss`. */
export class TripletMarginLoss extends LossModule<TripletMarginLossOptions> {
  static readonly entry = defineLoss<'TripletMarginLoss', typeof tripletMarginLossOptions, TripletMarginLossOptions>({
    name: 'TripletMarginLoss',
    options: tripletMarginLossOptions,
    create: (options) => new TripletMarginLoss(options),
    module: '@engine/model',
    doc: 'Nearer to the positive than to the negative, by a margin.',
  });

  forward(anchor: tf.Tensor, positive: tf.Tensor, negative: tf.Tensor): tf.Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}
