/** The data and the network that get killed: everything that has a state takes part (batch norm, dropout, AdamW, accumulation, averages). */
import { hostArray, KeyedRandom } from '@engine/core';
import { type Dataset, defineDataset, type Sample } from '@engine/dataset';
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
  interface Datasets {
    Quarters: typeof Quarters;
  }
  interface Models {
    QuartersNet: typeof QuartersNet;
  }
}

const SIDE = 12;
const CLASSES = 4;

const nothing = z.strictObject({});

/** 480 noisy pictures of four classes: a bright quarter says which. */
export const Quarters = defineDataset({
  name: 'Quarters',
  options: nothing,
  create: () => new QuartersDataset(),
  doc: 'Noisy pictures with one bright quarter.',
});

class QuartersDataset implements Dataset {
  readonly metainfo = { classes: ['0', '1', '2', '3'] };
  readonly length = 480;

  async init(): Promise<void> {}

  get(index: number): Sample {
    const label = index % CLASSES;
    const noise = new KeyedRandom(1, 'quarters', index);
    const data = Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
      const quarter = Math.floor((2 * i) / (SIDE * SIDE)) * 2 + Math.floor((2 * (i % SIDE)) / SIDE);
      return noise.nextFloat() * 2 + (quarter === label ? 0.5 : 0);
    });
    return { inputs: hostArray('float32', [SIDE, SIDE, 1], data), samples: label };
  }
}

/** Small, with a wide layer so that a checkpoint takes a while to write. */
export const QuartersNet = defineModel({
  name: 'QuartersNet',
  options: nothing,
  create: () => new QuartersClassifier(),
  doc: 'Convolution, batch norm, dropout and a wide layer.',
});

class QuartersClassifier extends BaseModel {
  readonly features = new Sequential(
    new Conv2d(1, 8, 3, { padding: 1 }),
    new BatchNorm2d(8),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
  );
  readonly wide = new Linear(8 * (SIDE / 2) ** 2, 512);
  readonly dropout = new Dropout(0.3);
  readonly head = new Linear(512, CLASSES);

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const logits = this.head.apply(this.dropout.apply(this.wide.apply(this.features.apply(images)))) as tf.Tensor2D;
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}
