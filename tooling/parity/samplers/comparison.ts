import type { HostDType } from '@engine/core';

/** A tensor in a golden file: base64 of little-endian values in C order. */
export interface Encoded {
  readonly shape: readonly number[];
  readonly dtype: HostDType;
  readonly data: string;
}

/** How far a value may be off: `exact` not at all, else absolutely. */
export type Allowed = 'exact' | ((expected: number) => number);

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export function decode({ dtype, data }: Encoded): ArrayLike<number | bigint> {
  return new ARRAYS[dtype](Uint8Array.from(Buffer.from(data, 'base64')).buffer);
}

/** Within one unit in the last place of this element type. */
export const ulp =
  (dtype: string | undefined, scale = 0): Allowed =>
  (expected) =>
    Math.max(Math.abs(expected), scale) * 2 ** (dtype === 'float64' ? -52 : -23);

export const absolute =
  (limit: number): Allowed =>
  () =>
    limit;

/** Keeps the first difference that is too large, and the largest one of all. */
export class Comparison {
  fault: string | undefined;
  maxError = 0;

  /** Compares lists of numbers; `bigint` and decimal strings count as integers. */
  check(
    what: string,
    got: ArrayLike<number | bigint>,
    want: ArrayLike<number | bigint | string> | Encoded,
    allowed: Allowed = 'exact',
  ): void {
    const expected = 'data' in want ? decode(want) : want;
    if (got.length !== expected.length) {
      this.fault ??= `${what}: expected ${expected.length} values, got ${got.length}`;
      return;
    }
    for (let i = 0; i < got.length; i++) {
      const [ours, theirs] = [got[i] as number | bigint, expected[i] as number | bigint | string];
      if (String(ours) === String(theirs)) continue;
      const error = Math.abs(Number(ours) - Number(theirs));
      if (error > this.maxError || Number.isNaN(error)) this.maxError = Number.isNaN(error) ? Number.NaN : error;
      if (allowed === 'exact' || !(error <= allowed(Number(theirs))))
        this.fault ??= `${what}[${i}]: expected ${theirs}, got ${ours}`;
    }
  }
}
