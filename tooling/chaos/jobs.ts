/** The trainings that get killed. */
export interface ChaosJob {
  readonly name: string;
  readonly config: string;
  /** The most checkpoints that lie in the work dir between two saves: `maxKeepCkpts` and the best ones. */
  readonly kept: number;
  /** The option that says how long it trains, and its value for so many kills. */
  length(kills: number): string;
}

/** Iterations between two kills. A session resumes, does what was lost and these, and is killed again. */
const ITERATIONS_A_KILL = 6;
const LEAST_ITERATIONS = 60;
/** Of the job that counts in epochs. */
const EPOCH = 12;

const iterations = (kills: number): number => Math.max(LEAST_ITERATIONS, kills * ITERATIONS_A_KILL);

/** Counting in epochs and counting in iterations. */
export const jobs: readonly ChaosJob[] = [
  {
    name: 'epochs',
    config: 'tooling/chaos/config.ts',
    kept: 3,
    length: (kills) => `trainCfg.maxEpochs=${Math.ceil(iterations(kills) / EPOCH)}`,
  },
  {
    name: 'iterations',
    config: 'tooling/chaos/iterations/config.ts',
    kept: 5,
    length: (kills) => `trainCfg.maxIters=${iterations(kills)}`,
  },
];
