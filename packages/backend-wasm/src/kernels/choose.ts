import type * as tf from '@tensorflow/tfjs-core';
import { kernel, shared } from './heap.js';

interface Inputs {
  readonly condition: tf.TensorInfo;
  readonly whenTrue: tf.TensorInfo;
  readonly whenFalse: tf.TensorInfo;
}

/** Shares the elements of the chosen tensor. TensorFlow.js's own selection of rows repeats their first element. */
export const choose: tf.KernelFunc = kernel<Inputs>(({ inputs: { condition, whenTrue, whenFalse }, backend }) =>
  shared(backend, backend.typedArrayFromHeap(condition)[0] === 0 ? whenFalse : whenTrue),
);
