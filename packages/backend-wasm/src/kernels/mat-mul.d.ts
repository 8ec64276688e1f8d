import * as tf from '@tensorflow/tfjs-core';
/** XNNPACK multiplies plain matrices; with a transposed operand TensorFlow.js falls back to three loops. Transposing first is ten times faster. */
export declare function batchMatMul(original: tf.KernelFunc): tf.KernelFunc;
