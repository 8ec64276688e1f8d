import { node } from '@engine/backend-node';
import { wasm } from '@engine/backend-wasm';
import type { Backend } from '@engine/core';
import type { Bench, Contender, Contest } from '../harness/bench.js';
import { pythonRival } from '../harness/python-rival.js';
import { models } from './models.js';
import type { BackendName, StepOptions } from './options.js';
import { type Training, training } from './training.js';

/** Steps before the first round; their losses are compared. */
const WARM_UP = 5;
const ROUNDS = 9;

async function backendOf(name: BackendName, threads: number): Promise<Backend> {
  if (name === 'wasm') return wasm({ threads });
  if (name === 'node') return node({ threads });
  const { cuda } = await import('@engine/backend-cuda');
  return cuda({ threads });
}

/** A whole training step, eager on both sides: forward, backward, update, and the loss read back. */
export function stepBench(name: string, aim: number, optionsOf: (args: readonly string[]) => StepOptions): Bench {
  return {
    name,
    aim,
    unit: 'training step',
    rounds: ROUNDS,
    prepare: (args) => prepare(optionsOf(args)),
  };
}

async function prepare(options: StepOptions): Promise<Contest> {
  const { backend: backendName, model, amp, threads } = options;
  const { unit, steps: units } = models[model];
  const ours = await contender(await backendOf(backendName, threads), options);
  return {
    ours,
    rival: await pythonRival({
      name: 'PyTorch',
      script: new URL('../step.py', import.meta.url),
      args: [model, String(threads), amp ?? 'float32', backendName === 'cuda' ? 'cuda' : 'cpu'],
      units,
      warmUp: WARM_UP,
    }),
    unit: `${unit}${amp === undefined ? '' : `, ${amp}`}, ${threads} thread${threads === 1 ? '' : 's'}`,
    aim: aimOf(options),
  };
}

/** What issue 8 aims at for the native backends, and issue 7 for the default one. */
function aimOf({ backend, model, amp }: StepOptions): number | undefined {
  if (backend === 'wasm') return undefined;
  if (amp !== undefined) return 0.8;
  return model === 'resnet18' || model === 'vit-tiny' ? 0.95 : 0.65;
}

async function contender(backend: Backend, { model, amp, threads }: StepOptions): Promise<Contender> {
  await backend.init();
  const { step, free } = training(model, backend, amp);
  const losses = await lossesOf(step, WARM_UP);
  let used = 0;
  const features = backend.capabilities.features.join(', ');
  return {
    name: `@engine on ${backend.name} (${features}, ${threads} thread${threads === 1 ? '' : 's'}; Node ${process.versions.node})`,
    losses,
    async round() {
      const count = models[model].steps;
      const [started, before] = [performance.now(), process.cpuUsage()];
      await lossesOf(step, count);
      const { user, system } = process.cpuUsage(before);
      used = (user + system) / 1000 / count;
      return (performance.now() - started) / count;
    },
    cpu: () => used,
    async close() {
      free();
      await backend.dispose();
    },
  };
}

async function lossesOf(step: Training['step'], count: number): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) losses.push(await step());
  return losses;
}
