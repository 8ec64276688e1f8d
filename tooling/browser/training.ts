import { type WasmOptions, wasm } from '@engine/backend-wasm';
import {
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '@engine/model';
import { AdamW, OptimWrapper } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';

const STEPS = 20;
const BATCH = 16;

/** What a short training shows of itself. */
export interface Trained {
  readonly losses: readonly number[];
  readonly threads: number;
  readonly features: readonly string[];
  /** Live tensors that each step after the first has added. */
  readonly growth: readonly number[];
}

/** Trains a small network of convolutions on fixed noise; the same code for Node and for a page. */
export async function train(options: WasmOptions): Promise<Trained> {
  const backend = wasm(options);
  await backend.init();
  const model = new Sequential(
    new Conv2d(1, 6, 5, { padding: 2 }),
    new BatchNorm2d(6),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Dropout(0.1),
    new Linear(400, 10),
  );
  model.initWeights(0);
  model.stepContext.begin({ seed: 3, iteration: 0 });
  const optim = new OptimWrapper({ optimizer: new AdamW(model.parameters(), { lr: 1e-2 }), clipGrad: { maxNorm: 5 } });
  const images = tf.tensor4d(
    Float32Array.from({ length: BATCH * 784 }, (_, i) => ((i * 7919) % 1000) / 1000),
    [BATCH, 28, 28, 1],
  );
  const labels = tf.tensor1d(
    Array.from({ length: BATCH }, (_, i) => i % 10),
    'int32',
  );
  const [losses, live]: [number[], number[]] = [[], []];
  for (let i = 0; i < STEPS; i++) {
    const { loss } = optim.updateParams(() => crossEntropy(model.apply(images), labels));
    losses.push(await loss.read());
    live.push(tf.memory().numTensors);
  }
  const { threads, features } = backend.capabilities;
  optim.dispose();
  model.dispose();
  tf.dispose([images, labels]);
  await backend.dispose();
  const growth = live.slice(1).map((count, i) => count - (live[i] as number));
  return { losses, threads, features, growth };
}
