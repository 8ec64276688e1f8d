import type * as tf from '@tensorflow/tfjs-core';
import { kernel, shared } from './heap.js';

/** TensorFlow.js's wasm backend copies here. */
export const identity: tf.KernelFunc = kernel<{ x: tf.TensorInfo }>(({ inputs, backend }) => shared(backend, inputs.x));

/** Casting to the dtype a tensor already has is no work. */
export function cast(original: tf.KernelFunc): tf.KernelFunc {
  const same = kernel<{ x: tf.TensorInfo }>(({ inputs, backend }) => shared(backend, inputs.x));
  return (call) => (call.inputs['x']?.dtype === call.attrs?.['dtype'] ? same(call) : original(call));
}
