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
