import type { Contest } from './bench.js';

export interface Measurement {
  /** Medians over the rounds, in milliseconds for one unit of work. */
  readonly ours: number;
  readonly rival: number | undefined;
  /** The rival's time / our time. */
  readonly ratio: number | undefined;
  /** The fastest round of each. */
  readonly best: { readonly ours: number; readonly rival: number | undefined };
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

/** Runs both sides alternately, so that whatever slows the machine down meets both. */
export async function measure({ ours, rival }: Contest, rounds: number): Promise<Measurement> {
  const times: { ours: number[]; rival: number[] } = { ours: [], rival: [] };
  const used: { ours: number[]; rival: number[] } = { ours: [], rival: [] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(await ours.round());
    used.ours.push(ours.cpu?.() ?? Number.NaN);
    if (typeof rival === 'string') continue;
    times.rival.push(await rival.round());
    used.rival.push(rival.cpu?.() ?? Number.NaN);
  }
  const mine = median(times.ours);
  const best = Math.min(...times.ours);
  if (typeof rival === 'string')
    return {
      ours: mine,
      rival: undefined,
      ratio: undefined,
      best: { ours: best, rival: undefined },
      cpuRatio: undefined,
    };
  const theirs = median(times.rival);
  const cpuRatio = median(used.rival) / median(used.ours);
  return {
    ours: mine,
    rival: theirs,
    ratio: theirs / mine,
    best: { ours: best, rival: Math.min(...times.rival) },
    cpuRatio: Number.isNaN(cpuRatio) ? undefined : cpuRatio,
  };
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
