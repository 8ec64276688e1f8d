/** Losses of several classes at once as modules that configs can name; options are those of the functions. */
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { defineLoss, LossModule } from './define-loss.js';
import { numbers, reduction, withTensors } from './loss-options.js';
import { multilabelMarginLoss, multilabelSoftMarginLoss } from './multi-label.js';

declare module '@engine/registry' {
  interface Losses {
    MultiLabelMarginLoss: typeof MultiLabelMarginLoss;
    MultiLabelSoftMarginLoss: typeof MultiLabelSoftMarginLoss;
  }
}

const multiLabelMarginLossOptions = z.strictObject({
  reduction: reduction(),
});
export interface MultiLabelMarginLossOptions extends z.input<typeof multiLabelMarginLossOptions> {}

/** Hinges of every pair of a right and a wrong class. See `multilabelMarginLoss`. */
export class MultiLabelMarginLoss extends LossModule<MultiLabelMarginLossOptions> {
  static readonly entry = defineLoss<
    'MultiLabelMarginLoss',
    typeof multiLabelMarginLossOptions,
    MultiLabelMarginLossOptions
  >({
    name: 'MultiLabelMarginLoss',
    options: multiLabelMarginLossOptions,
    create: (options) => new MultiLabelMarginLoss(options),
    module: '@engine/model',
    doc: 'Hinges of every pair of a right and a wrong class.',
  });

  forward(scores: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    return multilabelMarginLoss(scores, labels, this.options);
  }
}

const multiLabelSoftMarginLossOptions = z.strictObject({
  reduction: reduction(),
  /** One for each class. */
  weight: numbers(),
});
export interface MultiLabelSoftMarginLossOptions extends z.input<typeof multiLabelSoftMarginLossOptions> {}

/** Binary cross entropy of logits, averaged over classes. See `multilabelSoftMarginLoss`. */
export class MultiLabelSoftMarginLoss extends LossModule<MultiLabelSoftMarginLossOptions> {
  static readonly entry = defineLoss<
    'MultiLabelSoftMarginLoss',
    typeof multiLabelSoftMarginLossOptions,
    MultiLabelSoftMarginLossOptions
  >({
    name: 'MultiLabelSoftMarginLoss',
    options: multiLabelSoftMarginLossOptions,
    create: (options) => new MultiLabelSoftMarginLoss(options),
    module: '@engine/model',
    doc: 'Binary cross entropy of logits, averaged over classes.',
  });

  forward(logits: tf.Tensor, target: tf.Tensor): tf.Tensor {
    return multilabelSoftMarginLoss(logits, target, withTensors(this.options));
  }
}
