import type { Backend } from '@engine/core';
import type { Bench, Contender } from './bench.js';
import { LENET_BATCH, lenetTraining } from './lenet.js';
import { pythonRival } from './python-rival.js';

const STEPS = 40;
const WARM_UP = 20;

/** A whole LeNet training step against PyTorch's, as eager as that: forward, backward, SGD with momentum, and the loss read back. */
export function lenetStep({
  name,
  aim,
  backend,
}: {
  readonly name: string;
  readonly aim: number;
  readonly backend: () => Backend;
}): Bench {
  return {
    name,
    aim,
    unit: `LeNet 28x28x1 training step, batch ${LENET_BATCH}, 1 thread`,
    rounds: 9,
    async prepare() {
      return {
        ours: await ours(backend()),
        rival: await pythonRival({
          name: 'PyTorch',
          script: new URL('../step.py', import.meta.url),
          units: STEPS,
          warmUp: WARM_UP,
        }),
      };
    },
  };
}

async function ours(backend: Backend): Promise<Contender> {
  await backend.init();
  const { step, free } = lenetTraining();
  for (let i = 0; i < WARM_UP; i++) await step();
  const features = backend.capabilities.features.join(', ');
  return {
    name: `@engine on ${backend.name} (${features}, 1 thread; Node ${process.versions.node})`,
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
