import * as tf from '@tensorflow/tfjs-core';
import { single, sumToShape } from './axes.js';

/** TensorFlow.js forgets to add up over batch axes along which an operand was broadcast. */
export const batchMatMulGradient: tf.GradConfig = {
  kernelName: tf.BatchMatMul,
  inputsToSave: ['a', 'b'],
  gradFunc: (dyOrList, saved, named) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    const dy = single(dyOrList);
    const { transposeA, transposeB } = named as unknown as tf.BatchMatMulAttrs;
    return {
      a: () =>
        sumToShape(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape),
      b: () =>
        sumToShape(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), b.shape),
    };
  },
};
