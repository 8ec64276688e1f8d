/**
 * What the recorded runs train on. The golden file does not say it; this is what gives every recorded loss: a Linear(2, 1) drawn from the
 * run's seed, inputs (i / 10, 1), the mean square of the output as `loss` and a tenth of its mean magnitude as `loss_b`.
 */
import { hostArray } from '@engine/core';
import { type Dataset, defineDataset, type Sample } from '@engine/dataset';
import { BaseMetric, defineMetric } from '@engine/evaluator';
import { BaseModel, Linear, type Mode } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

class VecDataset implements Dataset {
  readonly metainfo = {};
  readonly length: number;

  constructor(length: number) {
    this.length = length;
  }

  async init(): Promise<void> {}

  get(index: number): Sample {
    return { inputs: hostArray('float32', [2], Float32Array.of(index / 10, 1)) };
  }
}

/** `n` samples. */
export const Vec = defineDataset({
  name: 'Vec',
  options: z.strictObject({ n: z.int() }),
  create: ({ n }) => new VecDataset(n),
});

class CountMetric extends BaseMetric<number> {
  process(_batch: unknown, outputs: tf.Tensor): void {
    this.results.push(outputs.shape[0] as number);
  }

  computeMetrics(sizes: readonly number[]): { n: number } {
    return { n: sizes.reduce((sum, size) => sum + size, 0) };
  }
}

/** How many samples were seen, as `n`. */
export const Cnt = defineMetric({ name: 'Cnt', options: z.strictObject({}), create: () => new CountMetric() });

export class VecModel extends BaseModel {
  readonly fc = new Linear(2, 1);

  override forward(inputs: tf.Tensor2D, _samples: unknown, mode: Mode): unknown {
    const output = this.fc.apply(inputs) as tf.Tensor2D;
    if (mode !== 'loss') return output;
    return { loss: tf.mean(tf.square(output)), loss_b: tf.mul(tf.mean(tf.abs(output)), 0.1) };
  }
}
