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
