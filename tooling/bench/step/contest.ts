import { node } from '@engine/backend-node';
import { wasm } from '@engine/backend-wasm';
import type { Backend } from '@engine/core';
import type { Bench, Contender, Contest } from '../harness/bench.js';
import { type Side, shareAbove } from '../harness/measure.js';
import { pythonRival } from '../harness/python-rival.js';
import { models } from './models.js';
import type { BackendName, StepOptions } from './options.js';
import { throughRunner } from './through-runner.js';
import { type Training, training } from './training.js';

/** Steps before the first round; their losses are compared. */
const WARM_UP = 5;
const ROUNDS = 9;
/** Iterations between log lines, as LoggerHook has it by default. */
const LOG_INTERVAL = 10;

async function backendOf(name: BackendName, threads: number): Promise<Backend> {
  if (name === 'wasm') return wasm({ threads });
  if (name === 'node') return node({ threads });
  const { cuda } = await import('@engine/backend-cuda');
  return cuda({ threads });
}

/** A whole training step, eager on all sides: forward, backward, update, and the loss read back; once a round where it goes through the Runner. */
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
  const { backend: backendName, model, amp, threads, through } = options;
  const backend = await backendOf(backendName, threads);
  await backend.init();
  const label = `${models[model].unit}${amp === undefined ? '' : `, ${amp}`}, ${threads} thread${threads === 1 ? '' : 's'}`;
  if (through !== undefined) return { ...(await withAndWithout(backend, options)), unit: label };
  const steps = models[model].steps;
  return {
    ours: await contender(backend, options, steps),
    rival: await torch(options, steps),
    unit: label,
    aim: aimOf(options),
  };
}

function torch({ backend, model, amp, threads }: StepOptions, units: number): Promise<Contender | string> {
  return pythonRival({
    name: 'PyTorch',
    script: new URL('../step.py', import.meta.url),
    args: [model, String(threads), amp ?? 'float32', backend === 'cuda' ? 'cuda' : 'cpu'],
    units,
    warmUp: WARM_UP,
  });
}

/** The Runner against the bare step: what it adds is to stay below a twentieth. */
async function withAndWithout(backend: Backend, options: StepOptions): Promise<Contest> {
  const steps = LOG_INTERVAL; // each round has one log line
  const rounds = ROUNDS * Math.max(1, models[options.model].steps / steps);
  const bare = await contender(backend, options, steps);
  const ours = await throughRunner(backend, options, { warmUp: WARM_UP, rounds, steps });
  return {
    ours,
    rival: bare,
    second: options.rival === undefined ? undefined : await torch(options, steps),
    aim: 0.95,
    rounds,
    summary: ({ ours: through, rival }) => (rival === undefined ? [] : [shares(through, rival)]),
  };
}

function shares(through: Side, bare: Side): string {
  const micros = (milliseconds: number): string => `${(1000 * milliseconds).toFixed(0)} µs`;
  const percent = (ours: readonly number[], theirs: readonly number[]): string =>
    `${(100 * shareAbove(ours, theirs)).toFixed(1)} %`;
  const byClock = `${micros(bare.median)} bare, ${micros(through.median)} through the Runner, which adds ${percent(through.times, bare.times)}`;
  const byProcessor = `${micros(bare.cpu)} and ${micros(through.cpu)} of processor time: ${percent(through.cpuTimes, bare.cpuTimes)}`;
  return `a step takes ${byClock}; ${byProcessor} (aim 5 % at most)`;
}

/** What issue 8 aims at for the native backends, and issue 7 for the default one. */
function aimOf({ backend, model, amp }: StepOptions): number | undefined {
  if (backend === 'wasm') return undefined;
  if (amp !== undefined) return 0.8;
  return model === 'resnet18' || model === 'vit-tiny' ? 0.95 : 0.65;
}

async function contender(backend: Backend, { model, amp, threads }: StepOptions, count: number): Promise<Contender> {
  const { step, free } = training(model, backend, amp);
  const losses = await lossesOf(step, WARM_UP);
  let used = 0;
  const features = backend.capabilities.features.join(', ');
  return {
    name: `@engine on ${backend.name} (${features}, ${threads} thread${threads === 1 ? '' : 's'}; Node ${process.versions.node})`,
    losses,
    async round() {
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
