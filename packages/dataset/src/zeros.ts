import { type HostArray, type HostData, type HostDType, hostArray, sizeOf } from '@engine/core';

const NEW_DATA: { readonly [D in HostDType]: (length: number) => HostData[D] } = {
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
  int32: (length) => new Int32Array(length),
  int64: (length) => new BigInt64Array(length),
  uint8: (length) => new Uint8Array(length),
  bool: (length) => new Uint8Array(length),
};

/** A new host array of zeros, of the typed array that belongs to `dtype` (never, say, a Buffer, whatever the data came in). */
export function zeros<D extends HostDType>(dtype: D, shape: readonly number[]): HostArray<D> {
  return hostArray(dtype, shape, NEW_DATA[dtype](sizeOf(shape)) as HostData[D]);
}
