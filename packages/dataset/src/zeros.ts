import { type HostArray, type HostData, type HostDType, hostArray, sizeOf } from '@engine/core/plain';

const NEW_DATA: {
  readonly [D in HostDType]: new (
    content: number | SharedArrayBuffer,
  ) => HostData[D];
} = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};
const BYTES: { readonly [D in HostDType]: number } = { float32: 4, float64: 8, int32: 4, int64: 8, uint8: 1, bool: 1 };

/** A new host array of zeros, of the typed array that belongs to `dtype` (never, say, a Buffer, whatever the data came in). */
export function zeros<D extends HostDType>(dtype: D, shape: readonly number[]): HostArray<D> {
  return hostArray(dtype, shape, new NEW_DATA[dtype](sizeOf(shape)));
}

/** {@link zeros} in memory that other threads can read. */
export function zerosShared<D extends HostDType>(dtype: D, shape: readonly number[]): HostArray<D> {
  return hostArray(dtype, shape, new NEW_DATA[dtype](new SharedArrayBuffer(sizeOf(shape) * BYTES[dtype])));
}
