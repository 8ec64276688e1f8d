import { hostArray } from '@engine/core';
import { BaseModel, type HostBatch, Linear, type Mode, mseLoss } from '@engine/model';
import type * as tf from '@tensorflow/tfjs-core';

/** Two numbers in, one out: the smallest model that trains. */
export class TinyModel extends BaseModel {
  readonly fc = new Linear(2, 1);

  override forward(inputs: tf.Tensor2D, targets: tf.Tensor2D, mode: Mode): unknown {
    const outputs = this.fc.apply(inputs);
    if (mode === 'loss') return { loss: mseLoss(outputs, targets) };
    return mode === 'predict' ? [outputs, targets] : outputs;
  }
}

/** A batch of three for {@link TinyModel}, different for every index. */
export function tinyBatch(index: number): HostBatch {
  const x = Float32Array.from({ length: 6 }, (_, i) => Math.sin(index * 7 + i));
  const y = Float32Array.from({ length: 3 }, (_, i) => Math.cos(index * 3 + i));
  return { inputs: hostArray('float32', [3, 2], x), samples: hostArray('float32', [3, 1], y) };
}
