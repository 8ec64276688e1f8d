import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@engine/core';
import type { Hook, RunContext, TrainIterInfo } from '@engine/hooks';
import { Runner } from '@engine/runner';
import type { Contender } from '../harness/bench.js';
import type { StepOptions } from './options.js';
import { rowsOf } from './rows.js';
import { networkOf } from './training.js';

export interface Plan {
  /** Steps before the first round; their losses are compared. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Steps of a round. */
  readonly steps: number;
}

/**
 * The steps of one run of the whole Runner: data loader, default hooks, log file. It rests between the rounds, inside of the last hook of
 * an iteration; a round is everything from there to the same place `steps` iterations later. The run is one epoch, whose checkpoint is
 * saved after the last round.
 */
export async function throughRunner(
  backend: Backend,
  { model: name, amp, threads }: StepOptions,
  plan: Plan,
): Promise<Contender> {
  const { model, optimWrapper } = networkOf(name, backend, amp);
  const { dataset, batchSize } = rowsOf(name, plan.warmUp + plan.rounds * plan.steps);
  const pauses = new PauseHook(plan);
  const workDir = await mkdtemp(join(tmpdir(), 'engine-step-'));
  const runner = new Runner(
    {
      backend,
      model,
      workDir,
      trainDataloader: { dataset, batchSize },
      trainCfg: { byEpoch: true, maxEpochs: 1 },
      optimWrapper,
      customHooks: [pauses],
      randomness: { seed: 0 },
    },
    { sinks: [] },
  );
  const run = runner.train();
  run.catch(() => {}); // told by the round that waits for it
  await Promise.race([pauses.reached(), run]);
  return {
    name: `@engine's Runner on ${backend.name} (${threads} thread${threads === 1 ? '' : 's'}; Node ${process.versions.node})`,
    losses: pauses.losses,
    async round() {
      const [started, before] = [performance.now(), process.cpuUsage()];
      pauses.goOn();
      await Promise.race([pauses.reached(), run]);
      const { user, system } = process.cpuUsage(before);
      pauses.used = (user + system) / 1000 / plan.steps;
      return (performance.now() - started) / plan.steps;
    },
    cpu: () => pauses.used,
    async close() {
      pauses.goOn();
      await run;
      await runner.dispose();
      model.dispose();
      await rm(workDir, { recursive: true });
    },
  };
}

/** Ends each round with its loss read back and waits for the next one. */
class PauseHook implements Hook {
  readonly name = 'PauseHook';
  readonly priority = 'LOWEST';
  /** Of the steps before the first round. */
  readonly losses: number[] = [];
  /** Milliseconds of processor time that a step of the last round took. */
  used = 0;
  readonly #plan: Plan;
  #arrive: () => void = () => {};
  #arrived: Promise<void>;
  #goOn: () => void = () => {};

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#arrived = new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  /** Resolves when a round is over. */
  reached(): Promise<void> {
    return this.#arrived;
  }

  goOn(): void {
    this.#arrived = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    this.#goOn();
  }

  async afterTrainIter({ iter }: RunContext, { outputs }: TrainIterInfo): Promise<void> {
    const { warmUp, steps } = this.#plan;
    const done = iter + 1 - warmUp;
    if (done <= 0) this.losses.push(await outputs.read('loss'));
    if (done < 0 || done % steps !== 0) return;
    await outputs.read('loss');
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
      this.#arrive();
    });
  }
}
