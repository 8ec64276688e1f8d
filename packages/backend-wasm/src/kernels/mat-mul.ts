import * as tf from '@tensorflow/tfjs-core';
import { type WasmHeap, withFreshId } from './heap.js';

/** XNNPACK multiplies plain matrices; with a transposed operand TensorFlow.js falls back to three loops. Transposing first is ten times faster. */
export function batchMatMul(original: tf.KernelFunc): tf.KernelFunc {
  const plain = uncachedMatMul(original);
  return (call) => {
    const { a, b } = call.inputs as Record<'a' | 'b', tf.Tensor>;
    const { transposeA, transposeB } = call.attrs as unknown as tf.BatchMatMulAttrs;
    if (!transposeA && !transposeB) return plain(call);
    return tf.tidy(() => tf.matMul(transposeA ? swapped(a) : a, transposeB ? swapped(b) : b));
  };
}

/** A matrix product whose second operand is packed anew, see {@link withFreshId}. */
export function uncachedMatMul(original: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { b } = call.inputs as Record<'b', tf.TensorInfo>;
    return withFreshId(call.backend as unknown as WasmHeap, b, (alias) =>
      original({ ...call, inputs: { ...call.inputs, b: alias } }),
    );
  };
}

function swapped(matrices: tf.Tensor): tf.Tensor {
  const last = matrices.rank - 1;
  const order = matrices.shape.map((_, axis) => axis);
  order.splice(last - 1, 2, last, last - 1);
  return tf.transpose(matrices, order);
}
