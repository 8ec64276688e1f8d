// model.ts
import { hostArray, KeyedRandom, StepOutputs, tensorScope } from '@engine/core';
import { defineDataset } from '@engine/dataset';
import { BaseMetric, defineMetric } from '@engine/evaluator';
import {
  BaseModel,
  binaryCrossEntropyWithLogits,
  defineModel,
  type HostBatch,
  LeakyReLU,
  Linear,
  type LossMinimizer,
  type Mode,
  Sequential,
} from '@engine/model';
import type { OptimWrapperDict } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const NOISE = 4;

class Gan extends BaseModel {
  readonly generator = new Sequential(new Linear(NOISE, 16), new LeakyReLU({ negativeSlope: 0.2 }), new Linear(16, 1));
  readonly discriminator = new Sequential(new Linear(1, 16), new LeakyReLU({ negativeSlope: 0.2 }), new Linear(16, 1));

  /** Made-up numbers from noise, beside the real ones. */
  override forward(real: tf.Tensor2D, noise: tf.Tensor2D, mode: Mode): unknown {
    const made = this.generator.apply(noise) as tf.Tensor2D;
    return mode === 'predict' ? [made, real] : made;
  }

  override trainStep(batch: HostBatch, optimWrapper: LossMinimizer): StepOutputs {
    const optim = optimWrapper as OptimWrapperDict;
    return tensorScope(() => {
      const { inputs, samples } = this.preprocess(batch);
      const [real, noise] = [inputs as tf.Tensor2D, samples as tf.Tensor2D];
      const judge = (numbers: tf.Tensor2D, label: 0 | 1): tf.Tensor => {
        const logits = this.discriminator.apply(numbers) as tf.Tensor2D;
        return binaryCrossEntropyWithLogits(logits, tf.fill(logits.shape, label));
      };
      const fake = this.generator.apply(noise) as tf.Tensor2D; // outside of updateParams: a constant there
      const discriminator = optim.get('discriminator').updateParams(() => tf.add(judge(real, 1), judge(fake, 0)));
      const generator = optim.get('generator').updateParams(() => judge(this.generator.apply(noise) as tf.Tensor2D, 1));
      // outputs belong to their wrapper until its next update: keep what the loop is to log
      return new StepOutputs({ lossD: discriminator.loss.retain(), lossG: generator.loss.retain() });
    });
  }
}

export const NumberGan = defineModel({ name: 'NumberGan', options: z.strictObject({}), create: () => new Gan() });

/** Numbers around 3, each with its own noise. */
export const Numbers = defineDataset({
  name: 'Numbers',
  options: z.strictObject({ size: z._default(z.int(), 512), seed: z._default(z.int(), 0) }),
  create: ({ size, seed }) => ({
    metainfo: {},
    length: size,
    async init() {},
    get(index) {
      const random = new KeyedRandom(seed, 'numbers', index);
      const draw = (count: number) => Float32Array.from({ length: count }, () => random.nextNormal());
      const real = draw(1).map((value) => 3 + 0.5 * value);
      return { inputs: hostArray('float32', [1], real), samples: hostArray('float32', [NOISE], draw(NOISE)) };
    },
  }),
});

class MeanGap extends BaseMetric<readonly [made: number, real: number]> {
  override async process(_batch: unknown, [made, real]: readonly [tf.Tensor, tf.Tensor]): Promise<void> {
    const [mades, reals] = await Promise.all([made.data(), real.data()]);
    for (const [i, value] of reals.entries()) this.results.push([mades[i] ?? Number.NaN, value]);
  }

  override computeMetrics(results: readonly (readonly [number, number])[]): { gap: number } {
    const mean = (which: 0 | 1) => results.reduce((sum, pair) => sum + pair[which], 0) / results.length;
    return { gap: Math.abs(mean(0) - mean(1)) };
  }
}

/** How far the mean of what is made up is from that of the data, as `gap`. */
export const Gap = defineMetric({ name: 'Gap', options: z.strictObject({}), create: () => new MeanGap() });

declare module '@engine/registry' {
  interface Models {
    NumberGan: typeof NumberGan;
  }
  interface Datasets {
    Numbers: typeof Numbers;
  }
  interface Metrics {
    Gap: typeof Gap;
  }
}
