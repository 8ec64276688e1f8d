// Steps of your own: the run hands out batches, you train on them, everything else goes on as ever.
import { type BaseModel, crossEntropy } from '@engine/model';
import type { Runner } from '@engine/runner';
import * as tf from '@tensorflow/tfjs-core';

/** Trains a classifier with a penalty on the size of its weights; resolves with the number of steps. */
export async function trainSparse(runner: Runner, model: BaseModel, penalty: number): Promise<number> {
  let steps = 0;
  for await (const batch of runner.trainBatches()) {
    runner.updateParams(() => {
      const { inputs, samples } = model.dataPreprocessor.process(batch, true);
      const logits = model.apply(inputs, samples, 'tensor') as tf.Tensor2D;
      const sizes = [...model.namedParameters().values()].map(({ value }) => tf.sum(tf.abs(value)));
      const size = tf.addN(sizes);
      return { loss: tf.add(crossEntropy(logits, samples as tf.Tensor1D), tf.mul(size, penalty)), size };
    });
    steps += 1;
  }
  return steps;
}
