import { type HostArray, type HostData, type HostDType, hostArray } from '@engine/core';

/** A tensor in a golden file: base64 of little-endian values in C order. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype: HostDType;
  readonly data: string;
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

export function decode({ shape, dtype, data }: GoldenTensor): HostArray {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  return hostArray(dtype, shape, new ARRAYS[dtype](bytes.buffer) as HostData[HostDType]);
}

/** Largest difference, relative to the largest magnitude expected; NaN agrees with NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1e-30, ...Array.from(expected, (x) => (Number.isNaN(x) ? 0 : Math.abs(x))));
  const differences = Array.from(expected, (x, i) => {
    const other = actual[i] as number;
    if (Number.isNaN(x) || Number.isNaN(other))
      return Number.isNaN(x) && Number.isNaN(other) ? 0 : Number.POSITIVE_INFINITY;
    return Math.abs(other - x) / scale;
  });
  return Math.max(0, ...differences);
}
