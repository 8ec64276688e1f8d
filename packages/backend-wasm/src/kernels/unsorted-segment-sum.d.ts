import * as tf from '@tensorflow/tfjs-core';
/** Adds each row of `x` to the row of the result that its id names; rows with an id out of range are dropped, as TensorFlow does. */
export declare const unsortedSegmentSum: tf.KernelFunc;
