import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasm } from '@engine/backend-wasm';
import { hostArray, tensorScope } from '@engine/core';
import { DataLoader, type Dataset } from '@engine/dataset';
import type { Hook } from '@engine/hooks';
import { BaseModel, Linear, type Mode, mseLoss } from '@engine/model';
import { OptimWrapper, SGD } from '@engine/optim';
import { Runner } from '@engine/runner';
import type * as tf from '@tensorflow/tfjs-core';
import type { Bench, Contender } from './harness/bench.js';
import { pythonRival } from './harness/python-rival.js';

const ITERATIONS = 3000;

/** What the runner with its default hooks takes for an iteration beyond a bare loop around the same training step. */
export const bench: Bench = {
  name: 'overhead',
  aim: 10,
  unit: `overhead of the runner and its default hooks, one iteration of ${ITERATIONS}`,
  rounds: 7,
  async prepare() {
    return {
      ours: await ours(),
      rival: await pythonRival({ name: 'MMEngine', script: new URL('overhead.py', import.meta.url), units: 300 }),
    };
  },
};

/** Two numbers in, one out. */
class Tiny extends BaseModel {
  readonly fc = new Linear(2, 1);

  override forward(inputs: tf.Tensor2D, targets: tf.Tensor2D, mode: Mode): unknown {
    const outputs = this.fc.apply(inputs);
    return mode === 'loss' ? { loss: mseLoss(outputs, targets) } : outputs;
  }
}

const sample = {
  inputs: hostArray('float32', [2], Float32Array.of(1, 2)),
  samples: hostArray('float32', [1], Float32Array.of(1)),
};
const dataset: Dataset = { metainfo: {}, length: ITERATIONS, init: () => Promise.resolve(), get: () => sample };

async function ours(): Promise<Contender> {
  const backend = wasm({ threads: 1 });
  await backend.init();
  await bareLoop();
  await managedLoop(backend);
  return {
    name: `@engine on wasm (Node ${process.versions.node})`,
    async round() {
      const before = await bareLoop();
      const managed = await managedLoop(backend);
      return (managed - (before + (await bareLoop())) / 2) / ITERATIONS;
    },
    close: () => backend.dispose(),
  };
}

/** Milliseconds for one epoch of a loop as one would write it by hand. */
async function bareLoop(): Promise<number> {
  const model = new Tiny();
  model.initWeights(0);
  const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01 }) });
  const loader = new DataLoader({ dataset, batchSize: 1 });
  await loader.init();
  const started = performance.now();
  for await (const batch of loader.batches()) tensorScope(() => model.trainStep(batch, optimWrapper)).dispose();
  const took = performance.now() - started;
  optimWrapper.dispose();
  model.dispose();
  return took;
}

/** The same epoch by the runner, from before the first iteration to after the last. */
async function managedLoop(backend: ReturnType<typeof wasm>): Promise<number> {
  const clock = { started: 0, ended: 0 };
  const hook: Hook = {
    name: 'Clock',
    priority: 'LOWEST',
    beforeTrainEpoch: () => void (clock.started = performance.now()),
    afterTrainIter: (ctx) => (ctx.isLastTrainIter() ? void (clock.ended = performance.now()) : undefined),
  };
  const model = new Tiny();
  const workDir = await mkdtemp(join(tmpdir(), 'engine-overhead-'));
  const runner = new Runner(
    {
      backend,
      model,
      workDir,
      trainDataloader: { dataset, batchSize: 1 },
      trainCfg: { byEpoch: true, maxEpochs: 1 },
      optimWrapper: { optimizer: { type: SGD, lr: 0.01 } },
      customHooks: [hook],
    },
    { sinks: [] },
  );
  await runner.train();
  await runner.dispose();
  model.dispose();
  await rm(workDir, { recursive: true });
  return clock.ended - clock.started;
}
