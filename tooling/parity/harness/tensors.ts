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
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return hostArray(dtype, shape, new ARRAYS[dtype](bytes.buffer) as HostData[HostDType]);
}

export function encode({ shape, dtype, data }: HostArray): GoldenTensor {
  return { shape, dtype, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
}

/** Largest difference, relative to the largest finite magnitude expected; what is not finite must be the same. */
export function relativeError(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale = scaleOf(expected),
): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const [ours, theirs] = [actual[i] as number, expected[i] as number];
    if (Object.is(ours, theirs)) continue;
    const difference = Math.abs(ours - theirs) / scale;
    largest = Math.max(largest, Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY);
  }
  return largest;
}

export function scaleOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((scale, x) => (Number.isFinite(x) ? Math.max(scale, Math.abs(x)) : scale), 1e-30);
}
