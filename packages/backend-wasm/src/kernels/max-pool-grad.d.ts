import * as tf from '@tensorflow/tfjs-core';
/** The gradient goes to the first element of each window that equals the maximum, as in PyTorch. */
export declare const maxPoolGrad: tf.KernelFunc;
