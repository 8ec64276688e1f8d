// What bfloat16 costs in accuracy: a few hundred steps of the MNIST example in both precisions.
import { node } from '@engine/backend-node';
import type { Backend } from '@engine/core';
import { DataLoader } from '@engine/dataset';
import { ImgDataPreprocessor } from '@engine/model';
import { AmpOptimWrapper, OptimWrapper, SGD } from '@engine/optim';
import { LeNet5, MNIST } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

const STEPS = 300;
const LR = 0.03;
const batchSize = 64;

async function initialized(): Promise<Backend | undefined> {
  const backend = node();
  try {
    await backend.init();
    return backend;
  } catch {
    return undefined; // no library here
  }
}
const backend = await initialized();
await backend?.dispose();

async function trained(precision: 'float32' | 'bfloat16'): Promise<LeNet5> {
  const model = new LeNet5({ dataPreprocessor: new ImgDataPreprocessor({ mean: [33.3184], std: [78.5675] }) });
  model.initWeights(0);
  const optimizer = new SGD(model.parameters(), { lr: LR, momentum: 0.9, weightDecay: 5e-4 });
  const optimWrapper =
    precision === 'float32'
      ? new OptimWrapper({ optimizer })
      : new AmpOptimWrapper({ optimizer, backend, dtype: precision });
  const loader = new DataLoader({ dataset: new MNIST({ train: true }), batchSize, shuffle: true, seed: 0 });
  await loader.init();
  let step = 0;
  for await (const batch of loader.batches()) {
    for (const group of optimizer.paramGroups) group.lr = LR * (1 - step / STEPS); // so that the last steps do not decide
    model.trainStep(batch, optimWrapper);
    if (++step === STEPS) break;
  }
  optimWrapper.dispose();
  return model;
}

/** Percent of the 10,000 test images that are told right. */
async function accuracy(precision: 'float32' | 'bfloat16'): Promise<number> {
  const model = await trained(precision);
  model.eval();
  const loader = new DataLoader({ dataset: new MNIST({ train: false }), batchSize: 500 });
  await loader.init();
  let all = 0;
  for await (const batch of loader.batches()) {
    const { predictions } = model.valStep(batch);
    const [logits, truth] = predictions as [tf.Tensor, tf.Tensor];
    const right = tf.tidy(() => tf.sum(tf.equal(tf.argMax(logits, 1), truth)).dataSync()[0] as number);
    all += right;
    tf.dispose([logits, truth]);
  }
  model.dispose();
  return all / 100;
}

it.skipIf(backend === undefined)('bfloat16 learns MNIST as float32 does', { timeout: 120_000 }, async () => {
  await backend?.init();
  const [float32, bfloat16] = [await accuracy('float32'), await accuracy('bfloat16')];
  expect(float32).toBeGreaterThan(95);
  expect(Math.abs(bfloat16 - float32)).toBeLessThan(0.5); // 0.1 where it was measured; another processor rounds otherwise
  await backend?.dispose();
});
