import type * as tf from '@tensorflow/tfjs-core';
import { kernel, shared, type WasmHeap } from './heap.js';

/** TensorFlow.js's wasm backend copies here. */
export const identity: tf.KernelFunc = kernel<{ x: tf.TensorInfo }>(({ inputs, backend }) => shared(backend, inputs.x));

/** Casting to the dtype a tensor already has is no work. */
export function cast(original: tf.KernelFunc): tf.KernelFunc {
  const same = kernel<{ x: tf.TensorInfo }>(({ inputs, backend }) => shared(backend, inputs.x));
  return (call) => (call.inputs['x']?.dtype === call.attrs?.['dtype'] ? same(call) : original(call));
}

/** TensorFlow.js writes integers whatever dtype is asked for. */
export function oneHot(original: tf.KernelFunc, convert: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const dtype = call.attrs?.['dtype'];
    const hot = original({ ...call, attrs: { ...call.attrs, dtype: 'int32' } }) as tf.TensorInfo;
    if (dtype === undefined || dtype === 'int32') return hot;
    const converted = convert({ inputs: { x: hot }, backend: call.backend, attrs: { dtype } });
    (call.backend as unknown as WasmHeap).disposeData(hot.dataId);
    return converted;
  };
}
