import type { KeyedRandom } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';

/** Images and what they show, on the device. */
export interface LabelledImages {
  /** (N, H, W, C) float32. */
  readonly images: tf.Tensor4D;
  /** (N, numClasses) float32: how much of each class an image shows. */
  readonly targets: tf.Tensor2D;
}

/** Mixes the images of a training batch with each other. */
export interface BatchAugment {
  /** Called by the preprocessor for a training batch, inside the step's tensor scope; draws from `random` only. */
  augment(batch: LabelledImages, random: KeyedRandom): LabelledImages;
}

declare module '@engine/core' {
  interface Kinds {
    batchAugment: BatchAugment;
  }
}
