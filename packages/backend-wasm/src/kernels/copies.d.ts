import type * as tf from '@tensorflow/tfjs-core';
/** TensorFlow.js's wasm backend copies here. */
export declare const identity: tf.KernelFunc;
/** Casting to the dtype a tensor already has is no work. */
export declare function cast(original: tf.KernelFunc): tf.KernelFunc;
