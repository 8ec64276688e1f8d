/** When to kill: drawn from a seed, so that a failure can be had again. */

export type Moment =
  /** So many milliseconds after the process was started: while it loads, resumes or already trains. */
  | { readonly kind: 'startup'; readonly delay: number }
  /** So many milliseconds after the session's first iteration. */
  | { readonly kind: 'training'; readonly delay: number }
  /** When the n-th checkpoint of the session is being written. */
  | { readonly kind: 'saving'; readonly nth: number };

export interface Spans {
  /** Milliseconds from the start of the process to its first iteration. */
  readonly startup: number;
  /** Milliseconds of training between two saves. */
  readonly between: number;
}

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

/** The next moment. `saving` forces one inside a save. */
export function drawMoment(random: () => number, spans: Spans, saving: boolean): Moment {
  const kind = random();
  if (saving || kind < 0.3) return { kind: 'saving', nth: 1 + Math.floor(random() * 3) };
  if (kind < 0.5) return { kind: 'startup', delay: random() * spans.startup * 1.5 };
  return { kind: 'training', delay: random() * spans.between * 3 };
}
