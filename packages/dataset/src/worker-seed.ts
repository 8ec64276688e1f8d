import { MersenneTwister } from '@engine/core/plain';
import * as z from 'zod/mini';
import { defineWorkerInitFn } from './define.js';

/** A worker of a data loader. */
export interface WorkerPlace {
  readonly workerId: number;
  /** Workers of each rank. */
  readonly numWorkers: number;
  readonly rank: number;
  /** Of the run. */
  readonly seed: number;
}

/** The seed that MMEngine's `worker_init_fn` gives to the random streams of one worker; no two workers of a run share it. */
export function workerSeed({ workerId, numWorkers, rank, seed }: WorkerPlace): number {
  return numWorkers * rank + workerId + seed;
}

const seedWorkerOptions = z.strictObject({ disableSubprocessWarning: z._default(z.boolean(), false) });
export interface SeedWorkerOptions extends z.input<typeof seedWorkerOptions> {}

/**
 * As MMEngine's `worker_init_fn`: makes `Math.random` of the worker a stream that starts from {@link workerSeed}; `disableSubprocessWarning`
 * (default false) silences warnings of all workers but the first. For code that draws from `Math.random`: its numbers depend on how many
 * workers there are. `sampleRandom` does not need it.
 */
export const seedWorker = defineWorkerInitFn<'seedWorker', typeof seedWorkerOptions, SeedWorkerOptions>({
  name: 'seedWorker',
  options: seedWorkerOptions,
  create:
    ({ disableSubprocessWarning }) =>
    (place) => {
      const random = new MersenneTwister(workerSeed(place));
      Math.random = () => random.nextDouble();
      // oxlint-disable-next-line no-console -- silenced, not used
      if (disableSubprocessWarning && place.workerId > 0) console.warn = () => undefined;
    },
  module: '@engine/dataset',
  doc: 'Starts Math.random of each worker from a seed of its own.',
});

declare module '@engine/registry' {
  interface WorkerInitFns {
    seedWorker: typeof seedWorker;
  }
  interface KindTables {
    workerInitFn: WorkerInitFns;
  }
}
