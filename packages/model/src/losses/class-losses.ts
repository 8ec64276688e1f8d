/** Losses of classes, distributions and sequences as modules that configs can name; options are those of the functions. */
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { crossEntropy } from './cross-entropy.js';
import { ctcLoss } from './ctc-loss.js';
import { defineLoss, LossModule } from './define-loss.js';
import { gaussianNllLoss, klDiv, poissonNllLoss } from './divergence.js';
import { numbers, reduction, withTensors } from './loss-options.js';
import { multiMarginLoss, nllLoss } from './nll-loss.js';

declare module '@engine/registry' {
  interface Losses {
    CrossEntropyLoss: typeof CrossEntropyLoss;
    NLLLoss: typeof NLLLoss;
    KLDivLoss: typeof KLDivLoss;
    PoissonNLLLoss: typeof PoissonNLLLoss;
    GaussianNLLLoss: typeof GaussianNLLLoss;
    MultiMarginLoss: typeof MultiMarginLoss;
    CTCLoss: typeof CTCLoss;
  }
}

const crossEntropyLossOptions = z.strictObject({
  reduction: reduction(),
  labelSmoothing: z.optional(z.number()),
  ignoreIndex: z.optional(z.int()),
  /** One for each class. */
  weight: numbers(),
});
export interface CrossEntropyLossOptions extends z.input<typeof crossEntropyLossOptions> {}

/** Cross entropy of logits (..., C) against labels or probabilities. See `crossEntropy`. */
export class CrossEntropyLoss extends LossModule<CrossEntropyLossOptions> {
  static readonly entry = defineLoss<'CrossEntropyLoss', typeof crossEntropyLossOptions, CrossEntropyLossOptions>({
    name: 'CrossEntropyLoss',
    options: crossEntropyLossOptions,
    create: (options) => new CrossEntropyLoss(options),
    module: '@engine/model',
    doc: 'Cross entropy of logits (..., C) against labels or probabilities.',
  });

  forward(logits: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return crossEntropy(logits, target, withTensors(this.options));
  }
}

const nllLossOptions = z.strictObject({
  reduction: reduction(),
  ignoreIndex: z.optional(z.int()),
  /** One for each class. */
  weight: numbers(),
});
export interface NLLLossOptions extends z.input<typeof nllLossOptions> {}

/** Negated log probability of labels. See `nllLoss`. */
export class NLLLoss extends LossModule<NLLLossOptions> {
  static readonly entry = defineLoss<'NLLLoss', typeof nllLossOptions, NLLLossOptions>({
    name: 'NLLLoss',
    options: nllLossOptions,
    create: (options) => new NLLLoss(options),
    module: '@engine/model',
    doc: 'Negated log probability of labels.',
  });

  forward(logProbabilities: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    return nllLoss(logProbabilities, labels, withTensors(this.options));
  }
}

const klDivLossOptions = z.strictObject({
  reduction: z.optional(z.enum(['mean', 'sum', 'none', 'batchmean'])),
  logTarget: z.optional(z.boolean()),
});
export interface KLDivLossOptions extends z.input<typeof klDivLossOptions> {}

/** Divergence of log probabilities from a distribution. See `klDiv`. */
export class KLDivLoss extends LossModule<KLDivLossOptions> {
  static readonly entry = defineLoss<'KLDivLoss', typeof klDivLossOptions, KLDivLossOptions>({
    name: 'KLDivLoss',
    options: klDivLossOptions,
    create: (options) => new KLDivLoss(options),
    module: '@engine/model',
    doc: 'Divergence of log probabilities from a distribution.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return klDiv(input, target, this.options);
  }
}

const poissonNLLLossOptions = z.strictObject({
  reduction: reduction(),
  logInput: z.optional(z.boolean()),
  full: z.optional(z.boolean()),
  eps: z.optional(z.number()),
});
export interface PoissonNLLLossOptions extends z.input<typeof poissonNLLLossOptions> {}

/** Counts against Poisson rates. See `poissonNllLoss`. */
export class PoissonNLLLoss extends LossModule<PoissonNLLLossOptions> {
  static readonly entry = defineLoss<'PoissonNLLLoss', typeof poissonNLLLossOptions, PoissonNLLLossOptions>({
    name: 'PoissonNLLLoss',
    options: poissonNLLLossOptions,
    create: (options) => new PoissonNLLLoss(options),
    module: '@engine/model',
    doc: 'Counts against Poisson rates.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return poissonNllLoss(input, target, this.options);
  }
}

const gaussianNLLLossOptions = z.strictObject({
  reduction: reduction(),
  full: z.optional(z.boolean()),
  eps: z.optional(z.number()),
});
export interface GaussianNLLLossOptions extends z.input<typeof gaussianNLLLossOptions> {}

/** Numbers against normal distributions. See `gaussianNllLoss`. */
export class GaussianNLLLoss extends LossModule<GaussianNLLLossOptions> {
  static readonly entry = defineLoss<'GaussianNLLLoss', typeof gaussianNLLLossOptions, GaussianNLLLossOptions>({
    name: 'GaussianNLLLoss',
    options: gaussianNLLLossOptions,
    create: (options) => new GaussianNLLLoss(options),
    module: '@engine/model',
    doc: 'Numbers against normal distributions.',
  });

  forward(input: tf.Tensor, target: tf.Tensor, variance: tf.Tensor): tf.Tensor {
    return gaussianNllLoss(input, target, variance, this.options);
  }
}

const multiMarginLossOptions = z.strictObject({
  reduction: reduction(),
  p: z.optional(z.literal([1, 2])),
  margin: z.optional(z.number()),
  /** One for each class. */
  weight: numbers(),
});
export interface MultiMarginLossOptions extends z.input<typeof multiMarginLossOptions> {}

/** Hinge loss of several classes. See `multiMarginLoss`. */
export class MultiMarginLoss extends LossModule<MultiMarginLossOptions> {
  static readonly entry = defineLoss<'MultiMarginLoss', typeof multiMarginLossOptions, MultiMarginLossOptions>({
    name: 'MultiMarginLoss',
    options: multiMarginLossOptions,
    create: (options) => new MultiMarginLoss(options),
    module: '@engine/model',
    doc: 'Hinge loss of several classes.',
  });

  forward(scores: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    return multiMarginLoss(scores, labels, withTensors(this.options));
  }
}

const ctcLossOptions = z.strictObject({
  reduction: reduction(),
  blank: z.optional(z.int()),
  zeroInfinity: z.optional(z.boolean()),
});
export interface CTCLossOptions extends z.input<typeof ctcLossOptions> {}

/** Label sequences against time steps, however aligned. See `ctcLoss`. */
export class CTCLoss extends LossModule<CTCLossOptions> {
  static readonly entry = defineLoss<'CTCLoss', typeof ctcLossOptions, CTCLossOptions>({
    name: 'CTCLoss',
    options: ctcLossOptions,
    create: (options) => new CTCLoss(options),
    module: '@engine/model',
    doc: 'Label sequences against time steps, however aligned.',
  });

  forward(
    logProbabilities: tf.Tensor,
    targets: tf.Tensor,
    inputLengths: tf.Tensor,
    targetLengths: tf.Tensor,
  ): tf.Tensor {
    return ctcLoss({ logProbabilities, targets, inputLengths, targetLengths }, this.options);
  }
}
