import type { Backend } from '@engine/core';
import { AmpOptimWrapper, OptimWrapper } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import { type ModelName, models } from './models.js';

/** One model in training on one batch, weights as PyTorch draws them from seed 0. */
export interface Training {
  /** One step, its loss read back. */
  step(): Promise<number>;
  free(): void;
}

/** `backend` is initialised; with `amp` products are computed in bfloat16. */
export function training(name: ModelName, backend: Backend, amp: 'bf16' | undefined): Training {
  const { make, optimizer: build, batch } = models[name];
  const model = make();
  model.initWeights(0);
  const optimizer = build(model.parameters());
  const optimWrapper =
    amp === undefined
      ? new OptimWrapper({ optimizer })
      : new AmpOptimWrapper({ optimizer, backend, dtype: 'bfloat16', lossScale: { enabled: false } });
  const { inputs, targets } = tf.tidy(batch);
  const losses = (): { loss: tf.Tensor } => model.forward(inputs, targets, 'loss') as { loss: tf.Tensor };
  return {
    step: () => optimWrapper.updateParams(losses).loss.read(),
    free() {
      tf.dispose([inputs, targets]);
      optimWrapper.dispose();
      model.dispose();
    },
  };
}
