import { cpu } from '@engine/backend-cpu';
import { BatchNorm2d, Conv2d, Flatten, Linear, type Mode, Sequential } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { BoringModel, boringRuns, LossTrace } from './testing/index.js';

class ConvModel extends BoringModel {
  readonly backbone = new Sequential(new Conv2d(2, 4, 2), new BatchNorm2d(4), new Flatten());
  readonly top = new Linear(4, 3);

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const logits = this.top.apply(this.backbone.apply(images)) as tf.Tensor2D;
    return mode === 'loss' ? { loss: tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits) } : [logits, labels];
  }
}

const boring = boringRuns(cpu);

it('efficientConvBnEval trains as without it and evaluates without norms', async () => {
  const made: ConvModel[] = [];
  const run = async (options: object): Promise<unknown[]> => {
    const [model, trace] = [new ConvModel(), new LossTrace()];
    made.push(model);
    const { runner } = boring({ model, customHooks: [trace], ...options });
    const { metrics } = await runner.train();
    const { kernels } = await tf.profile(async () => void (await runner.val()));
    return [[...trace.losses.values()], metrics, kernels.some(({ name }) => name === 'FusedBatchNorm')];
  };
  const [losses, metrics, hasNorms] = await run({});
  expect(hasNorms).toBe(true);
  expect(await run({ efficientConvBnEval: ['backbone'] })).toEqual([losses, metrics, false]);
  await expect(run({ efficient_conv_bn_eval: 'neck' })).rejects.toMatchObject({ code: 'ENGINE_MODEL_UNKNOWN_MODULE' });
  for (const model of made) model.dispose();
});
