import type * as tf from '@tensorflow/tfjs-core';
/**
 * Speeds up `(..., C) op (C)`, in either order. XNNPACK takes such a row at a time, which is slow for short rows (a bias over
 * 6 channels: 15 times slower than without broadcasting). So the short operand is repeated until its rows are long.
 */
export declare function rowBroadcast(original: tf.KernelFunc): tf.KernelFunc;
