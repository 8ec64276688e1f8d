import {
  Conv2d,
  Embedding,
  LayerNorm,
  Linear,
  Module,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';

interface Sizes {
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

function encoder({ width, heads, layers }: Sizes): TransformerEncoder {
  const options = {
    dimFeedforward: 4 * width,
    dropout: 0,
    activation: 'gelu',
    batchFirst: true,
    normFirst: true,
  } as const;
  return new TransformerEncoder(new TransformerEncoderLayer(width, heads, options), layers, {
    norm: new LayerNorm(width),
  });
}

/** A vision transformer of the tiny size for 32x32 images in patches of 4x4, with the mean of the tokens for a head. Dosovitskiy et al. 2020. */
export class ViTTiny extends Module {
  readonly patches = new Conv2d(3, 192, 4, { stride: 4 });
  readonly positions = new Embedding(64, 192);
  readonly encoder = encoder({ width: 192, heads: 3, layers: 12 });
  readonly head = new Linear(192, 10);

  forward(images: tf.Tensor): tf.Tensor {
    const tokens = tf.reshape(this.patches.apply(images), [-1, 64, 192]);
    const placed = tf.add(tokens, this.positions.apply(tf.range(0, 64, 1, 'int32')));
    return this.head.apply(tf.mean(this.encoder.apply(placed), 1));
  }
}

/** A causal transformer over bytes. */
export class GPTTiny extends Module {
  readonly tokens = new Embedding(256, 128);
  readonly positions = new Embedding(128, 128);
  readonly encoder = encoder({ width: 128, heads: 4, layers: 4 });
  readonly head = new Linear(128, 256);

  forward(text: tf.Tensor): tf.Tensor {
    const length = text.shape[1] as number;
    const placed = tf.add(this.tokens.apply(text), this.positions.apply(tf.range(0, length, 1, 'int32')));
    return this.head.apply(this.encoder.apply(placed, { isCausal: true }));
  }
}
