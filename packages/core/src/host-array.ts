import { coreErrors } from './errors-table.js';

/** Element types of host arrays. `int64` lives in a BigInt64Array; devices get int32 after a range check. */
export type HostDType = keyof HostData;

/** Element type → the typed array that holds it. `bool` is one byte, 0 or 1. */
export interface HostData {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** An n-dimensional array in host memory, C order: what samples, batches and checkpoints are made of. */
export interface HostArray<D extends HostDType = HostDType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: HostData[D];
}

/** Number of elements of a shape; 1 for a scalar's `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** Makes a host array over `data` (not copied). Throws `ENGINE_CORE_SIZE_MISMATCH` when `data` does not fill `shape`. */
export function hostArray<D extends HostDType>(dtype: D, shape: readonly number[], data: HostData[D]): HostArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw coreErrors.SIZE_MISMATCH({
      expected: `${sizeOf(shape)} elements for shape (${shape.join(', ')})`,
      received: `${data.length} elements of ${dtype}`,
      action: 'pass data and shape that belong together',
    });
  }
  return { dtype, shape, data };
}

export function isHostArray(value: unknown): value is HostArray {
  return (
    typeof value === 'object' &&
    value !== null &&
    'dtype' in value &&
    'shape' in value &&
    'data' in value &&
    ArrayBuffer.isView(value.data)
  );
}
