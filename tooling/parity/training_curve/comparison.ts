import { isHostArray } from '@engine/core';
import { decode } from '../harness/tensors.js';
import type { GoldenState } from './golden.js';
import type { State } from './recording.js';

/** The largest error seen and the first fault. */
export class Comparison {
  fault: string | undefined;
  maxError = 0;

  /** Anything but numbers with a tolerance: the same JSON. */
  same(where: string, got: unknown, want: unknown): void {
    const [ours, theirs] = [JSON.stringify(got), JSON.stringify(want)];
    if (ours !== theirs) this.report(where, ours, theirs);
  }

  /** The same names, in any order. */
  sameNames(where: string, got: readonly string[], want: readonly string[]): void {
    this.same(where, got.toSorted(), want.toSorted());
  }

  /** Two numbers that may differ by so much. */
  near(where: string, got: unknown, want: unknown, limit: number): void {
    if (typeof got !== 'number' || typeof want !== 'number') return this.same(where, got, want);
    const error = Math.abs(got - want);
    if (!Object.is(got, want)) this.maxError = Math.max(this.maxError, error);
    if (!(error <= limit) && !Object.is(got, want)) this.report(where, got, want);
  }

  /** The same tensors by name, each element within the limit of its tensor. */
  states(where: string, got: State, want: GoldenState, limitOf: (name: string) => number): void {
    this.sameNames(`${where} names`, [...got.keys()], Object.keys(want));
    for (const [name, golden] of Object.entries(want)) {
      const [ours, theirs] = [got.get(name), decode(golden)];
      if (!isHostArray(ours)) continue;
      this.same(`${where}.${name} shape`, [ours.dtype, ours.shape], [theirs.dtype, theirs.shape]);
      for (let i = 0; i < theirs.data.length; i++)
        this.near(`${where}.${name}[${i}]`, Number(ours.data[i]), Number(theirs.data[i]), limitOf(name));
    }
  }

  report(where: string, got: unknown, want: unknown): void {
    this.fault ??= `${where}: expected ${want}, got ${got}`;
  }
}
