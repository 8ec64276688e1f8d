import { wasm } from '@engine/backend-wasm';
import { OptimWrapper, SGD } from '@engine/optim';
import { LeNet5 } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';
import type { Bench, Contender } from './harness/bench.js';
import { pythonRival } from './harness/python-rival.js';

const STEPS = 40;
const WARM_UP = 20;
const BATCH = 64;

/** A whole training step, as eager as PyTorch's: forward, backward, SGD with momentum, and the loss read back. */
export const bench: Bench = {
  name: 'step',
  aim: 0.2,
  unit: `LeNet 28x28x1 training step, batch ${BATCH}, 1 thread`,
  rounds: 9,
  async prepare() {
    return {
      ours: await ours(),
      rival: await pythonRival({
        name: 'PyTorch',
        script: new URL('step.py', import.meta.url),
        units: STEPS,
        warmUp: WARM_UP,
      }),
    };
  },
};

async function ours(): Promise<Contender> {
  const backend = wasm({ threads: 1 });
  await backend.init();
  const { step, free } = lenetTraining();
  for (let i = 0; i < WARM_UP; i++) await step();
  return {
    name: `@engine on wasm (${backend.capabilities.features.join(', ')}, 1 thread; Node ${process.versions.node})`,
    async round() {
      const started = performance.now();
      for (let i = 0; i < STEPS; i++) await step();
      return (performance.now() - started) / STEPS;
    },
    async close() {
      free();
      await backend.dispose();
    },
  };
}

function lenetTraining(): { step(): Promise<number>; free(): void } {
  const model = new LeNet5();
  model.initWeights(0);
  const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) });
  const images = tf.randomNormal<tf.Rank.R4>([BATCH, 28, 28, 1], 0, 1, 'float32', 99);
  const labels = tf.tensor1d(
    Array.from({ length: BATCH }, (_, i) => i % 10),
    'int32',
  );
  const losses = (): { loss: tf.Tensor } => model.forward(images, labels, 'loss') as { loss: tf.Tensor };
  return {
    step: () => optimWrapper.updateParams(losses).loss.read(),
    free: () => tf.dispose([images, labels]),
  };
}
