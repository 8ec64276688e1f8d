import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasm } from '@engine/backend-wasm';
import { type Backend, hostArray } from '@engine/core';
import { DataLoader, type Dataset } from '@engine/dataset';
import type { Hook } from '@engine/hooks';
import { BaseModel, crossEntropy, Linear, type Mode, ReLU, Sequential } from '@engine/model';
import { OptimWrapper, SGD } from '@engine/optim';
import { Runner } from '@engine/runner';
import type * as tf from '@tensorflow/tfjs-core';
import type { Bench } from './harness/bench.js';

const [WIDTH, BATCH, SAVE_AT] = [2048, 4, 4];

/** What a checkpoint of a network with momentum, 100 MB, keeps training from: beside the copy of the same state out of the backend, which it must take at least. */
export const bench: Bench = {
  name: 'save',
  aim: 0.8,
  unit: 'one checkpoint of 100 MB on wasm, what it keeps the next iteration waiting',
  rounds: 7,
  async prepare() {
    const backend = wasm({ threads: 1 });
    await backend.init();
    await stall(backend);
    return {
      ours: { name: '@engine', round: () => stall(backend), close: () => backend.dispose() },
      rival: { name: 'the copy out of the backend', round: copy },
    };
  },
};

class Wide extends BaseModel {
  readonly net = new Sequential(
    new Linear(WIDTH, WIDTH),
    new ReLU(),
    new Linear(WIDTH, WIDTH),
    new ReLU(),
    new Linear(WIDTH, WIDTH),
    new ReLU(),
    new Linear(WIDTH, 10),
  );

  override forward(inputs: tf.Tensor2D, labels: tf.Tensor1D, mode: Mode): unknown {
    const logits = this.net.apply(inputs) as tf.Tensor2D;
    return mode === 'loss' ? { loss: crossEntropy(logits, labels) } : logits;
  }
}

const sample = { inputs: hostArray('float32', [WIDTH], new Float32Array(WIDTH).fill(0.1)), samples: 1 };
const dataset: Dataset = {
  metainfo: {},
  length: 2 * SAVE_AT * BATCH,
  init: () => Promise.resolve(),
  get: () => sample,
};

/** From before the hook that saves to after it, in milliseconds. */
async function stall(backend: Backend): Promise<number> {
  const clock = { before: 0, after: 0 };
  const at = (name: 'before' | 'after', priority: 'LOW' | 'LOWEST'): Hook => ({
    name,
    priority,
    afterTrainIter: ({ iter }) => {
      if (iter + 1 === SAVE_AT) clock[name] = performance.now();
    },
  });
  const model = new Wide();
  const workDir = await mkdtemp(join(tmpdir(), 'engine-save-'));
  const runner = new Runner(
    {
      backend,
      model,
      workDir,
      trainDataloader: { dataset, batchSize: BATCH },
      trainCfg: { byEpoch: false, maxIters: 2 * SAVE_AT },
      optimWrapper: { optimizer: { type: SGD, lr: 0.01, momentum: 0.9 } },
      defaultHooks: { checkpoint: { byEpoch: false, interval: SAVE_AT, saveLast: false } },
      customHooks: [at('before', 'LOW'), at('after', 'LOWEST')],
    },
    { sinks: [] },
  );
  await runner.train();
  await runner.dispose();
  model.dispose();
  await rm(workDir, { recursive: true });
  return clock.after - clock.before;
}

/** The state of the same network and optimizer to the host, after a step. */
async function copy(): Promise<number> {
  const model = new Wide();
  model.initWeights(0);
  const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) });
  const loader = new DataLoader({ dataset, batchSize: BATCH });
  await loader.init();
  for await (const batch of loader.batches()) {
    model.trainStep(batch, optimWrapper).dispose();
    break;
  }
  const started = performance.now();
  await model.stateDict();
  await optimWrapper.stateDict();
  const took = performance.now() - started;
  optimWrapper.dispose();
  model.dispose();
  return took;
}
