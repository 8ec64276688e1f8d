import type { Backend } from '@engine/core';

/** What replaying one expectation gave. */
export interface ReplayResult {
  /** The element's own `id` where it has one, else `section[index]` or `section.key`; several results may share an id. */
  readonly id: string;
  readonly ok: boolean;
  /** Why it is not ok, in one line. */
  readonly error?: string;
  /** What is to be said of it although it is ok, in one line. */
  readonly remark?: string;
  /** Largest error found, in the measure that `tolerance` is written in. */
  readonly maxError?: number;
}

/** One golden area: `tooling/parity/AREA.ts` exports one as `area`. */
export interface ParityArea {
  readonly name: string;
  /** In words, printed with the result: `relative 1e-9`. */
  readonly tolerance: string;
  /** Top-level sections that are inputs of others and hold no expectation of their own. `versions` always is one. */
  readonly context?: readonly string[];
  /** Replays the golden file at this path. Throws nothing for a single wrong case: it yields that case as not ok. */
  replay(file: string, options: ReplayOptions): AsyncIterable<ReplayResult>;
}

export interface ReplayOptions {
  /** Initialised and current. */
  readonly backend: Backend;
  /** The folder with the unpacked Python packages that the golden file is about, one folder each. */
  readonly sites?: string | undefined;
}
