import { coreErrors, type HostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** Host element type → the one it has on a device. */
export function deviceDtypeOf(dtype: HostArray['dtype']): 'float32' | 'int32' | 'bool' {
  if (dtype === 'bool') return 'bool';
  return dtype === 'float32' || dtype === 'float64' ? 'float32' : 'int32';
}

/** The array's data as a device wants it; the same memory where nothing changes. @throws `ENGINE_CORE_INT32_RANGE` */
export function toDeviceData(array: HostArray, dtype: 'float32' | 'int32'): Float32Array | Int32Array {
  const { data } = array;
  if (data instanceof BigInt64Array) {
    const narrow = Int32Array.from(data, Number);
    const at = data.findIndex((value, i) => value !== BigInt(narrow[i] as number));
    if (at >= 0) {
      throw coreErrors.INT32_RANGE({
        expected: 'integers in [-2147483648, 2147483647]',
        received: `${data[at]} at index ${at} of an int64 array (${array.shape.join(', ')})`,
        action: 'keep large identifiers out of the tensors, e.g. as strings in the sample',
      });
    }
    return dtype === 'int32' ? narrow : new Float32Array(narrow);
  }
  if (dtype === 'float32') return data instanceof Float32Array ? data : new Float32Array(data);
  return data instanceof Int32Array ? data : new Int32Array(data);
}

/**
 * Copies a host array to the device: floats become float32, integers int32, bool stays. The tensor belongs to the current scope.
 * @throws `ENGINE_CORE_INT32_RANGE`
 */
export function upload(array: HostArray): tf.Tensor {
  const dtype = deviceDtypeOf(array.dtype);
  const data = dtype === 'bool' ? (array.data as Uint8Array) : toDeviceData(array, dtype);
  const tensor = tf.tensor(data, [...array.shape], dtype);
  if (dtype === 'int32') hostCopies.set(tensor, data as Int32Array);
  return tensor;
}

/** Integers that were just uploaded, for checks that must not read the device back. Entries go with their tensors. */
const hostCopies = new WeakMap<tf.Tensor, Int32Array>();

/** The values of a tensor that `upload` made from integers; undefined for any other. */
export function hostCopyOf(tensor: tf.Tensor): Int32Array | undefined {
  return hostCopies.get(tensor);
}
