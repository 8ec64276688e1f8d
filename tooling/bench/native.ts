import { node } from '@engine/backend-node';
import type { Bench, Contender } from './harness/bench.js';
import { LENET_BATCH, lenetTraining } from './harness/lenet.js';
import { pythonRival } from './harness/python-rival.js';

const STEPS = 40;
const WARM_UP = 20;

/** A whole training step on TensorFlow's kernels, as eager as PyTorch's. Needs `engine backend install node`. */
export const bench: Bench = {
  name: 'native',
  aim: 0.65,
  unit: `LeNet 28x28x1 training step on backend node, batch ${LENET_BATCH}, 1 thread`,
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
  const backend = node({ threads: 1 });
  await backend.init();
  const { step, free } = lenetTraining();
  for (let i = 0; i < WARM_UP; i++) await step();
  return {
    name: `@engine on node (${backend.capabilities.features.join(', ')}, 1 thread; Node ${process.versions.node})`,
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
