import { OptimWrapper, SGD } from '@engine/optim';
import { LeNet5 } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';

/** Images of a LeNet batch. */
export const LENET_BATCH = 64;

/** LeNet on random images, as eager as PyTorch's: forward, backward, SGD with momentum, and the loss read back. Needs an initialised backend. */
export function lenetTraining(): { readonly model: LeNet5; step(): Promise<number>; free(): void } {
  const model = new LeNet5();
  model.initWeights(0);
  const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) });
  const images = tf.randomNormal<tf.Rank.R4>([LENET_BATCH, 28, 28, 1], 0, 1, 'float32', 99);
  const labels = tf.tensor1d(
    Array.from({ length: LENET_BATCH }, (_, i) => i % 10),
    'int32',
  );
  const losses = (): { loss: tf.Tensor } => model.forward(images, labels, 'loss') as { loss: tf.Tensor };
  return {
    model,
    step: () => optimWrapper.updateParams(losses).loss.read(),
    free() {
      tf.dispose([images, labels]);
      optimWrapper.dispose();
      model.dispose();
    },
  };
}
