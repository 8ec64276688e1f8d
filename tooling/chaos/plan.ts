/** When to kill: drawn from a seed, so that a failure can be had again. */
import { type Phase, phases } from './beacon.ts';

/** A moment in a session: `delay` milliseconds after `phase` begins at `from` finished iterations or later; `startup` begins with the process. */
export interface Moment {
  readonly phase: Phase;
  readonly from: number;
  readonly delay: number;
}

/** Milliseconds that a stretch of each phase takes, from one signal to the next. */
export type Spans = Readonly<Record<Phase, number>>;

export interface Plan {
  readonly kills: number;
  /** Of the whole run. */
  readonly iterations: number;
  readonly spans: Spans;
}

/** Shares of kills that are meant for each phase; the rest is for training. */
const SHARES: readonly (readonly [Phase, number])[] = [
  ['saving', 0.4],
  ['validation', 0.15],
  ['startup', 0.15],
];
/** So much of the run is killed in: the last kill must find it running. */
const REACH = 0.96;

/** So much of a start-up is killed in: starts differ in length, and a kill is to come before the first iteration. */
const BEFORE_THE_END = 0.8;

/** A generator of numbers in [0, 1) (mulberry32); enough for choosing moments. */
export function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One moment a kill, in the order of the run: one in each `kills`-th part of it, phases in an order of chance. */
export function drawMoments(random: () => number, { kills, iterations, spans }: Plan): Moment[] {
  const deck = SHARES.flatMap(([phase, share]) => Array.from({ length: Math.round(share * kills) }, () => phase));
  const all: Phase[] = [...deck, ...Array.from({ length: kills }, (): Phase => 'training')].slice(0, kills);
  shuffle(all, random);
  return all.map((phase, i) => ({
    phase,
    from: Math.floor(((i + random()) / kills) * REACH * iterations),
    delay: random() * spans[phase] * (phase === 'startup' ? BEFORE_THE_END : 1),
  }));
}

function shuffle(items: unknown[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
}

/** The length of each phase's stretches: a short one, so that a kill seldom comes too late. `times` has, for each signal, its phase and when it came. */
export function spansOf(times: readonly { readonly phase: Phase; readonly time: number }[]): Spans {
  const spans = phases.map((phase): [Phase, number] => {
    const lengths = times
      .slice(1)
      .flatMap(({ time }, i) => (times[i]?.phase === phase ? [time - times[i].time] : []))
      .sort((a, b) => a - b);
    return [phase, lengths[Math.floor(lengths.length / 4)] ?? 0];
  });
  return Object.fromEntries(spans) as Record<Phase, number>;
}
