// poly-loss.ts
import { crossEntropy, defineLoss, LossModule } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const options = z.strictObject({ epsilon: z.optional(z.number()) });

/** Cross entropy plus `epsilon (1 - p)`, with the probability p of the label. Leng et al. 2022. */
export class PolyLoss extends LossModule<z.input<typeof options>> {
  static readonly entry = defineLoss({ name: 'PolyLoss', options, create: (given) => new PolyLoss(given) });

  forward(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
    const entropy = crossEntropy(logits, labels, { reduction: 'none' });
    const missed = tf.sub(1, tf.exp(tf.neg(entropy)));
    return tf.mean(tf.add(entropy, tf.mul(missed, this.options.epsilon ?? 1)));
  }
}
