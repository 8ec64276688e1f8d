import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
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
  const step = lenetStep();
  for (let i = 0; i < WARM_UP; i++) step();
  return {
    name: `@engine/backend-wasm (${backend.capabilities.features.join(', ')}; Node ${process.versions.node})`,
    async round() {
      const started = performance.now();
      for (let i = 0; i < STEPS; i++) step();
      return (performance.now() - started) / STEPS;
    },
    close: () => backend.dispose(),
  };
}

type Weights = readonly [
  tf.Variable<tf.Rank.R4>,
  tf.Variable,
  tf.Variable<tf.Rank.R4>,
  tf.Variable,
  ...tf.Variable<tf.Rank.R2>[],
];

function lenetStep(): () => number {
  const shapes = [[5, 5, 1, 6], [6], [5, 5, 6, 16], [16], [400, 120], [120], [120, 84], [84], [84, 10], [10]];
  const params = shapes.map((shape, seed) =>
    tf.variable(
      tf.tidy(() => (shape.length === 1 ? tf.zeros(shape) : tf.randomNormal(shape, 0, 0.1, 'float32', seed))),
    ),
  );
  const momenta = params.map(({ shape }) => tf.variable(tf.zeros(shape)));
  const images: tf.Tensor4D = tf.randomNormal([BATCH, 28, 28, 1], 0, 1, 'float32', 99);
  const labels = tf.tidy(() =>
    tf.cast(
      tf.oneHot(
        tf.tensor1d(
          Array.from({ length: BATCH }, (_, i) => i % 10),
          'int32',
        ),
        10,
      ),
      'float32',
    ),
  );
  const [rate, momentum] = [tf.scalar(0.01), tf.scalar(0.9)];
  const loss = (): tf.Scalar =>
    tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(lenet(images, params as unknown as Weights))), -1)));
  return () => {
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, params);
      for (const [i, param] of params.entries()) {
        const velocity = momenta[i] as tf.Variable;
        velocity.assign(tf.add(tf.mul(velocity, momentum), grads[param.name] as tf.Tensor));
        param.assign(tf.sub(param, tf.mul(velocity, rate)));
      }
      return value;
    });
    const [read] = value.dataSync();
    value.dispose();
    return read as number;
  };
}

function lenet(images: tf.Tensor4D, [w1, b1, w2, b2, w3, b3, w4, b4, w5, b5]: Weights): tf.Tensor2D {
  const stage = (x: tf.Tensor4D, w: tf.Tensor4D, b: tf.Tensor, pad: number): tf.Tensor4D =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, w, 1, pad), b)) as tf.Tensor4D, 2, 2, 'valid');
  const dense = (x: tf.Tensor2D, w: tf.Tensor2D | undefined, b: tf.Tensor | undefined): tf.Tensor2D =>
    tf.add(tf.matMul(x, w as tf.Tensor2D), b as tf.Tensor);
  const features = tf.reshape(stage(stage(images, w1, b1, 2), w2, b2, 0), [BATCH, 400]) as tf.Tensor2D;
  return dense(tf.relu(dense(tf.relu(dense(features, w3, b3)), w4, b4)), w5, b5);
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
