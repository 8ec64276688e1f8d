import { type HostArray, type HostData, type HostDType, hostArray, sizeOf } from '@engine/core/plain';

const NEW_DATA: {
  readonly [D in HostDType]: new (
    length: number,
  ) => HostData[D];
} = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};
/** A new host array of zeros, of the typed array that belongs to `dtype` (never, say, a Buffer, whatever the data came in). */
export function zeros<D extends HostDType>(dtype: D, shape: readonly number[]): HostArray<D> {
  return hostArray(dtype, shape, new NEW_DATA[dtype](sizeOf(shape)));
}
