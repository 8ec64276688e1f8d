import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { Conv2d, crossEntropy, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@engine/model';
import { OptimWrapper, SGD } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import type { Bench, Contender } from './harness/bench.js';

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
    return { ours: await ours(), rival: await rival() };
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
  const model = new Sequential(
    new Conv2d(1, 6, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(400, 120),
    new ReLU(),
    new Linear(120, 84),
    new ReLU(),
    new Linear(84, 10),
  );
  model.initWeights(0);
  const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) });
  const images = tf.randomNormal([BATCH, 28, 28, 1], 0, 1, 'float32', 99);
  const labels = tf.tensor1d(
    Array.from({ length: BATCH }, (_, i) => i % 10),
    'int32',
  );
  return {
    step: () =>
      optimWrapper.updateParams(() => ({ loss: crossEntropy(model.apply(images), labels) as tf.Scalar })).loss.read(),
    free: () => tf.dispose([images, labels]),
  };
}

/** PyTorch in a process of its own that waits between the rounds; a sentence where it is not to be had. */
async function rival(): Promise<Contender | string> {
  const python = spawn('python3', [fileURLToPath(new URL('step.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const failure = new Promise<string>((resolve) => {
    let errors = '';
    python.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    python.on('error', (error) => resolve(error.message));
    python.on('close', () => resolve(errors.trim().split('\n').at(-1) ?? 'it ended'));
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => String((await lines.next()).value ?? '');
  const ask = (steps: number): Promise<string> => {
    python.stdin.write(`${steps}\n`);
    return answer();
  };
  const version = await answer();
  if (version === '') return `PyTorch is not importable by python3: ${await failure}`;
  await ask(WARM_UP);
  return {
    name: `PyTorch ${version} eager`,
    async round() {
      const milliseconds = await ask(STEPS);
      if (milliseconds === '') throw new Error(`PyTorch ended in the middle: ${await failure}`);
      return Number(milliseconds);
    },
    async close() {
      python.stdin.end();
      await failure;
    },
  };
}
