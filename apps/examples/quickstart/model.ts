// model.ts
import { BaseModel, crossEntropy, defineModel, Linear, type Mode, ReLU, Sequential } from '@engine/model';
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

class Net extends BaseModel {
  readonly layers = new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 2));

  override forward(points: tf.Tensor2D, labels: tf.Tensor1D, mode: Mode): unknown {
    const logits = this.layers.apply(points) as tf.Tensor2D; // (N, 2)
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

export const CircleNet = defineModel({ name: 'CircleNet', options: z.strictObject({}), create: () => new Net() });

declare module '@engine/registry' {
  interface Models {
    CircleNet: typeof CircleNet;
  }
}
