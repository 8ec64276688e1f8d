import type { Backend } from '@engine/core';
import type { BaseModel } from '@engine/model';
import { AmpOptimWrapper, OptimWrapper } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import { type ModelName, models } from './models.js';

/** A network and what steps it, weights as PyTorch draws them from seed 0. */
export interface Network {
  readonly model: BaseModel;
  readonly optimWrapper: OptimWrapper | AmpOptimWrapper;
}

/** `backend` is initialised; with `amp` products are computed in bfloat16. */
export function networkOf(name: ModelName, backend: Backend, amp: 'bf16' | undefined): Network {
  const { make, optimizer: build } = models[name];
  const model = make();
  model.initWeights(0);
  const optimizer = build(model.parameters());
  const optimWrapper =
    amp === undefined
      ? new OptimWrapper({ optimizer })
      : new AmpOptimWrapper({ optimizer, backend, dtype: 'bfloat16', lossScale: { enabled: false } });
  return { model, optimWrapper };
}

/** One model in training on one batch. */
export interface Training {
  /** One step, its loss read back. */
  step(): Promise<number>;
  free(): void;
}

/** As {@link networkOf}, on the model's batch, which lies on the device. */
export function training(name: ModelName, backend: Backend, amp: 'bf16' | undefined): Training {
  const { model, optimWrapper } = networkOf(name, backend, amp);
  const { inputs, targets } = tf.tidy(models[name].batch);
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
