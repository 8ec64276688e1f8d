import { type HostArray, hostArray } from '@engine/core';
import type { Dataset, Sample } from '@engine/dataset';
import * as tf from '@tensorflow/tfjs-core';
import { type ModelName, models } from './models.js';

/** A model's batch in host memory, row by row and again: each batch that a loader makes of it is that batch. */
export interface Rows {
  readonly dataset: Dataset;
  readonly batchSize: number;
}

/** `batches`: how many of them an epoch has. Needs an initialised backend. */
export function rowsOf(name: ModelName, batches: number): Rows {
  const { inputs, targets } = tf.tidy(models[name].batch);
  const [images, labels] = [split(inputs), split(targets)];
  const samples = images.map((image, i): Sample => ({ inputs: image, samples: labels[i] }));
  tf.dispose([inputs, targets]);
  return {
    batchSize: samples.length,
    dataset: {
      metainfo: {},
      length: samples.length * batches,
      init: () => Promise.resolve(),
      get: (index) => samples[index % samples.length] as Sample,
    },
  };
}

/** Along the first axis; single integers as numbers. */
function split(tensor: tf.Tensor): (HostArray | number)[] {
  const [count = 0, ...shape] = tensor.shape;
  const values = tensor.dataSync();
  if (shape.length === 0) return Array.from(values);
  const size = values.length / count;
  const row = (i: number): HostArray =>
    tensor.dtype === 'int32'
      ? hostArray('int32', shape, Int32Array.from(values.subarray(i * size, (i + 1) * size)))
      : hostArray('float32', shape, Float32Array.from(values.subarray(i * size, (i + 1) * size)));
  return Array.from({ length: count }, (_, i) => row(i));
}
