import type { Measurement } from './measure.js';

/** One of the two sides of a benchmark. */
export interface Contender {
  readonly name: string;
  /** What its first steps computed, where both sides compute the same: printed and compared. */
  readonly losses?: readonly number[];
  /** Does one round and gives its time in milliseconds for one unit of work. */
  round(): Promise<number>;
  /** Milliseconds of processor time that one unit of the last round took: on a busy machine it says more than the clock. */
  cpu?(): number;
  /** Called once after the last round. */
  close?(): Promise<void>;
}

export interface Contest {
  readonly ours: Contender;
  /** A sentence instead of a contender says why there is none here (PyTorch is not importable): then there is no ratio. */
  readonly rival: Contender | string;
  /** Instead of the benchmark's own, where they depend on the arguments. */
  readonly unit?: string;
  readonly aim?: number | undefined;
  readonly rounds?: number | undefined;
  /** A third side, measured in the same rounds; its ratio to ours is printed. */
  readonly second?: Contender | string | undefined;
  /** Lines of the benchmark's own. */
  summary?(measured: Measurement): readonly string[];
}

/** One benchmark: `tooling/bench/NAME.ts` exports one as `bench`. */
export interface Bench {
  readonly name: string;
  /** The rival's time / our time that we want: above 1 is faster than the rival. */
  readonly aim: number;
  /** What one unit of work is, printed with the medians: `LeNet step, batch 64, 1 thread`. */
  readonly unit: string;
  /** What rounds give, less being better. Default milliseconds. */
  readonly measure?: 'ms' | 'MB';
  /** Interleaved rounds of both sides; 7 by default. */
  readonly rounds?: number;
  /** Builds and warms up both sides. `args` are the command line's own arguments. */
  prepare(args: readonly string[]): Promise<Contest>;
}

/** Benchmarks that belong together, run one after the other. The one furthest below its aim makes the last line. */
export interface BenchSeries {
  readonly name: string;
  readonly parts: readonly Bench[];
}
