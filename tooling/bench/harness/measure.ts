import type { Contest } from './bench.js';

export interface Measurement {
  /** Medians over the rounds, in milliseconds for one unit of work. */
  readonly ours: number;
  readonly rival: number | undefined;
  /** The rival's time / our time. */
  readonly ratio: number | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error('the median of no values');
  return (upper + lower) / 2;
}

/** Runs both sides alternately, so that whatever slows the machine down meets both. */
export async function measure({ ours, rival }: Contest, rounds: number): Promise<Measurement> {
  const times: { ours: number[]; rival: number[] } = { ours: [], rival: [] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(await ours.round());
    if (typeof rival !== 'string') times.rival.push(await rival.round());
  }
  const mine = median(times.ours);
  if (typeof rival === 'string') return { ours: mine, rival: undefined, ratio: undefined };
  const theirs = median(times.rival);
  return { ours: mine, rival: theirs, ratio: theirs / mine };
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
