/** The network that gets killed: everything that has a state takes part (batch norm, dropout). */
import {
  BaseModel,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Dropout,
  defineModel,
  Flatten,
  Linear,
  MaxPool2d,
  type Mode,
  ReLU,
  Sequential,
} from '@engine/model';
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

declare module '@engine/registry' {
  interface Models {
    QuartersNet: typeof QuartersNet;
  }
}

/** Of what the pipelines cut out of a picture, in pixels. */
export const CROP = 10;
const [CLASSES, CHANNELS, WIDE] = [4, 8, 1024];

/** Small, with a wide layer so that a checkpoint takes a while to write. */
export const QuartersNet = defineModel({
  name: 'QuartersNet',
  options: z.strictObject({}),
  create: () => new QuartersClassifier(),
  doc: 'Convolution, batch norm, dropout and a wide layer.',
});

class QuartersClassifier extends BaseModel {
  readonly features = new Sequential(
    new Conv2d(1, CHANNELS, 3, { padding: 1 }),
    new BatchNorm2d(CHANNELS),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
  );
  readonly wide = new Linear(CHANNELS * (CROP / 2) ** 2, WIDE);
  readonly dropout = new Dropout(0.3);
  readonly head = new Linear(WIDE, CLASSES);

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const logits = this.head.apply(this.dropout.apply(this.wide.apply(this.features.apply(images)))) as tf.Tensor2D;
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}
