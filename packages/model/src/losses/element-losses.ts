/** Losses of elements as modules that configs can name; options are those of the functions. */
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { binaryCrossEntropy, binaryCrossEntropyWithLogits, diceLoss, sigmoidFocalLoss } from './binary.js';
import { defineLoss, LossModule } from './define-loss.js';
import { numbers, reduction, withTensors } from './loss-options.js';
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from './regression.js';

declare module '@engine/registry' {
  interface Losses {
    L1Loss: typeof L1Loss;
    MSELoss: typeof MSELoss;
    SmoothL1Loss: typeof SmoothL1Loss;
    HuberLoss: typeof HuberLoss;
    BCELoss: typeof BCELoss;
    BCEWithLogitsLoss: typeof BCEWithLogitsLoss;
    SigmoidFocalLoss: typeof SigmoidFocalLoss;
    DiceLoss: typeof DiceLoss;
  }
}

const l1LossOptions = z.strictObject({
  reduction: reduction(),
});
export interface L1LossOptions extends z.input<typeof l1LossOptions> {}

/** Mean absolute difference. See `l1Loss`. */
export class L1Loss extends LossModule<L1LossOptions> {
  static readonly entry = defineLoss<'L1Loss', typeof l1LossOptions, L1LossOptions>({
    name: 'L1Loss',
    options: l1LossOptions,
    create: (options) => new L1Loss(options),
    module: '@engine/model',
    doc: 'Mean absolute difference.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return l1Loss(input, target, this.options);
  }
}

const mseLossOptions = z.strictObject({
  reduction: reduction(),
});
export interface MSELossOptions extends z.input<typeof mseLossOptions> {}

/** Mean squared difference. See `mseLoss`. */
export class MSELoss extends LossModule<MSELossOptions> {
  static readonly entry = defineLoss<'MSELoss', typeof mseLossOptions, MSELossOptions>({
    name: 'MSELoss',
    options: mseLossOptions,
    create: (options) => new MSELoss(options),
    module: '@engine/model',
    doc: 'Mean squared difference.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return mseLoss(input, target, this.options);
  }
}

const smoothL1LossOptions = z.strictObject({
  reduction: reduction(),
  beta: z.optional(z.number()),
});
export interface SmoothL1LossOptions extends z.input<typeof smoothL1LossOptions> {}

/** Absolute difference, rounded off below beta. See `smoothL1Loss`. */
export class SmoothL1Loss extends LossModule<SmoothL1LossOptions> {
  static readonly entry = defineLoss<'SmoothL1Loss', typeof smoothL1LossOptions, SmoothL1LossOptions>({
    name: 'SmoothL1Loss',
    options: smoothL1LossOptions,
    create: (options) => new SmoothL1Loss(options),
    module: '@engine/model',
    doc: 'Absolute difference, rounded off below beta.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

const huberLossOptions = z.strictObject({
  reduction: reduction(),
  delta: z.optional(z.number()),
});
export interface HuberLossOptions extends z.input<typeof huberLossOptions> {}

/** Squared difference up to delta, straight above. See `huberLoss`. */
export class HuberLoss extends LossModule<HuberLossOptions> {
  static readonly entry = defineLoss<'HuberLoss', typeof huberLossOptions, HuberLossOptions>({
    name: 'HuberLoss',
    options: huberLossOptions,
    create: (options) => new HuberLoss(options),
    module: '@engine/model',
    doc: 'Squared difference up to delta, straight above.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return huberLoss(input, target, this.options);
  }
}

const bceLossOptions = z.strictObject({
  reduction: reduction(),
});
export interface BCELossOptions extends z.input<typeof bceLossOptions> {}

/** Binary cross entropy of probabilities. See `binaryCrossEntropy`. */
export class BCELoss extends LossModule<BCELossOptions> {
  static readonly entry = defineLoss<'BCELoss', typeof bceLossOptions, BCELossOptions>({
    name: 'BCELoss',
    options: bceLossOptions,
    create: (options) => new BCELoss(options),
    module: '@engine/model',
    doc: 'Binary cross entropy of probabilities.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return binaryCrossEntropy(input, target, this.options);
  }
}

const bceWithLogitsLossOptions = z.strictObject({
  reduction: reduction(),
  /** One for each channel. */
  posWeight: numbers(),
});
export interface BCEWithLogitsLossOptions extends z.input<typeof bceWithLogitsLossOptions> {}

/** Binary cross entropy of logits. See `binaryCrossEntropyWithLogits`. */
export class BCEWithLogitsLoss extends LossModule<BCEWithLogitsLossOptions> {
  static readonly entry = defineLoss<'BCEWithLogitsLoss', typeof bceWithLogitsLossOptions, BCEWithLogitsLossOptions>({
    name: 'BCEWithLogitsLoss',
    options: bceWithLogitsLossOptions,
    create: (options) => new BCEWithLogitsLoss(options),
    module: '@engine/model',
    doc: 'Binary cross entropy of logits.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return binaryCrossEntropyWithLogits(input, target, withTensors(this.options));
  }
}

const sigmoidFocalLossOptions = z.strictObject({
  reduction: reduction(),
  alpha: z.optional(z.number()),
  gamma: z.optional(z.number()),
});
export interface SigmoidFocalLossOptions extends z.input<typeof sigmoidFocalLossOptions> {}

/** Binary cross entropy of logits that forgets easy examples. See `sigmoidFocalLoss`. */
export class SigmoidFocalLoss extends LossModule<SigmoidFocalLossOptions> {
  static readonly entry = defineLoss<'SigmoidFocalLoss', typeof sigmoidFocalLossOptions, SigmoidFocalLossOptions>({
    name: 'SigmoidFocalLoss',
    options: sigmoidFocalLossOptions,
    create: (options) => new SigmoidFocalLoss(options),
    module: '@engine/model',
    doc: 'Binary cross entropy of logits that forgets easy examples.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return sigmoidFocalLoss(input, target, this.options);
  }
}

const diceLossOptions = z.strictObject({
  reduction: reduction(),
  sigmoid: z.optional(z.boolean()),
  naive: z.optional(z.boolean()),
  eps: z.optional(z.number()),
});
export interface DiceLossOptions extends z.input<typeof diceLossOptions> {}

/** One minus the overlap of two masks. See `diceLoss`. */
export class DiceLoss extends LossModule<DiceLossOptions> {
  static readonly entry = defineLoss<'DiceLoss', typeof diceLossOptions, DiceLossOptions>({
    name: 'DiceLoss',
    options: diceLossOptions,
    create: (options) => new DiceLoss(options),
    module: '@engine/model',
    doc: 'One minus the overlap of two masks.',
  });

  forward(input: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return diceLoss(input, target, this.options);
  }
}
