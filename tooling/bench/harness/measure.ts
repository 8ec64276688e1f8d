import type { Contender, Contest } from './bench.js';

/** What the rounds of one side gave, for one unit of work. */
export interface Side {
  readonly median: number;
  /** The fastest round. */
  readonly best: number;
  /** Median of processor time; NaN where the side does not know it. */
  readonly cpu: number;
  /** By round. */
  readonly times: readonly number[];
  readonly cpuTimes: readonly number[];
}

export interface Measurement {
  readonly ours: Side;
  readonly rival: Side | undefined;
  readonly second: Side | undefined;
  /** The rival's time / our time, medians. */
  readonly ratio: number | undefined;
  /** The same ratio of processor time, where both sides know theirs. */
  readonly cpuRatio: number | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error('the median of no values');
  return (upper + lower) / 2;
}

/** Runs all sides in turn, so that whatever slows the machine down meets each of them. */
export async function measure({ ours, rival, second }: Contest, rounds: number): Promise<Measurement> {
  const sides = [ours, rival, second].map((side) => (typeof side === 'object' ? new Rounds(side) : undefined));
  for (let round = 0; round < rounds; round++) for (const side of sides) await side?.add();
  const [mine, theirs, others] = sides.map((side) => side?.result) as [Side, Side | undefined, Side | undefined];
  const cpuRatio = theirs === undefined ? Number.NaN : theirs.cpu / mine.cpu;
  return {
    ours: mine,
    rival: theirs,
    second: others,
    ratio: theirs === undefined ? undefined : theirs.median / mine.median,
    cpuRatio: Number.isNaN(cpuRatio) ? undefined : cpuRatio,
  };
}

class Rounds {
  readonly #side: Contender;
  readonly #times: number[] = [];
  readonly #used: number[] = [];

  constructor(side: Contender) {
    this.#side = side;
  }

  async add(): Promise<void> {
    this.#times.push(await this.#side.round());
    this.#used.push(this.#side.cpu?.() ?? Number.NaN);
  }

  get result(): Side {
    const [times, cpuTimes] = [this.#times, this.#used];
    return { median: median(times), best: Math.min(...times), cpu: median(cpuTimes), times, cpuTimes };
  }
}

/** The median over the rounds of what one side takes beyond another, as a share of the other: neighbours in time meet the same machine. */
export function shareAbove(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((time, i) => time / (theirs[i] ?? Number.NaN))) - 1;
}

/** What the first steps of both sides computed, and how far apart they are. */
export function lossLines(ours: readonly number[], rival: readonly number[]): string[] {
  const show = (losses: readonly number[]): string => losses.map((loss) => loss.toFixed(5)).join(' ');
  const distance = Math.max(...ours.map((loss, i) => Math.abs(loss - (rival[i] ?? Number.NaN))));
  return [
    `losses: ours ${show(ours)}`,
    `losses: rival ${show(rival)}`,
    `largest difference ${distance.toExponential(1)}`,
  ];
}

/** A ratio, and what was hoped for. */
export interface Result {
  readonly ratio: number | undefined;
  readonly aim: number;
}

/** The result furthest below its aim; one without a ratio if there is any. */
export function worst(results: readonly Result[]): Result {
  const share = ({ ratio, aim }: Result): number => (ratio ?? 0) / aim;
  return results.reduce((least, result) => (share(result) < share(least) ? result : least));
}

export function shown(ratio: number | undefined): string {
  return ratio === undefined ? 'n/a' : ratio.toPrecision(3);
}

/** The harness's last line. */
export function closingLine(name: string, aim: number, ratio: number | undefined): string {
  return `bench ${name}: ratio ${shown(ratio)} (aim ${aim})`;
}
