import * as tf from '@tensorflow/tfjs-core';
/**
 * Speeds up sums and means over leading axes (gradients of biases, statistics of batch norm). TensorFlow.js transposes the whole tensor and adds element
 * by element. Here XNNPACK's average pooling adds rows with SIMD; several rows stand side by side, and their partial sums keep rounding errors small.
 */
export declare function leadingAxesReduction(original: tf.KernelFunc, averagePool: tf.KernelFunc, mean: boolean): tf.KernelFunc;
