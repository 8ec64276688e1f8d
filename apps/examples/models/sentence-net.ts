// sentence-net.ts
import { BaseModel, Dropout, defineModel, Embedding, GRU, Linear, type Loss, type Mode } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { Scale } from './scale.js';

export interface SentenceNetSizes {
  readonly vocabulary: number;
  readonly classes: number;
  readonly width: number;
}

/** Sorts sentences, given as token numbers (N, L) with 0 as padding. */
export class SentenceNet extends BaseModel {
  readonly embedding: Embedding;
  readonly scale: Scale;
  readonly encoder: GRU;
  readonly dropout = new Dropout(0.1);
  readonly head: Linear;
  readonly loss: Loss;

  constructor({ vocabulary, classes, width }: SentenceNetSizes, loss: Loss) {
    super();
    this.embedding = new Embedding(vocabulary, width, { paddingIdx: 0 });
    this.scale = new Scale(width);
    this.encoder = new GRU(width, width, { batchFirst: true });
    this.head = new Linear(width, classes);
    this.loss = loss;
  }

  override forward(tokens: tf.Tensor2D, labels: tf.Tensor1D, mode: Mode): unknown {
    const words = this.scale.apply(this.embedding.apply(tokens)); // (N, L, width)
    const [, state] = this.encoder.apply(words); // (1, N, width)
    const logits = this.head.apply(this.dropout.apply(tf.squeeze(state, [0])));
    if (mode === 'loss') return { loss: this.loss.apply(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

export const sentenceNet = defineModel({
  name: 'SentenceNet',
  options: z.strictObject({
    vocabulary: z.int(),
    classes: z.int(),
    width: z._default(z.int(), 16),
    loss: z._default(z.unknown(), { type: 'CrossEntropyLoss' }),
  }),
  create: ({ loss, ...sizes }, ctx) => new SentenceNet(sizes, ctx.build('loss', loss, { key: 'loss' })),
});
