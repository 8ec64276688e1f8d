import * as tf from '@tensorflow/tfjs-core';
import { ReluGrad } from '../ops/relu-grad.js';
import { single, sumToShape } from './axes.js';

/** 0 at 0, as PyTorch has it; without the copy that a cast of the mask makes. */
export const reluGradient: tf.GradConfig = {
  kernelName: tf.Relu,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const [x] = saved as [tf.Tensor];
    return { x: () => reluGrad(single(dy), x) };
  },
};

const reluGrad = (dy: tf.Tensor, x: tf.Tensor): tf.Tensor => tf.engine().runKernel(ReluGrad, { dy, x });

/** Linear in `dy`, constant in `x` almost everywhere. */
export const reluGradGradient: tf.GradConfig = {
  kernelName: ReluGrad,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const [x] = saved as [tf.Tensor];
    return { dy: () => reluGrad(single(dy), x), x: () => tf.fill(x.shape, 0) };
  },
};

/** 0 at 0, as PyTorch has it (TensorFlow.js says -1). */
export const absGradient: tf.GradConfig = {
  kernelName: tf.Abs,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const [x] = saved as [tf.Tensor];
    return { x: () => tf.mul(single(dy), tf.sign(x)) };
  },
};

/** Comparisons are constant almost everywhere. Without a gradient of their own, `where(greater(x, 0), ...)` could not be differentiated. */
export const comparisonGradients: readonly tf.GradConfig[] = [
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.Equal,
  tf.NotEqual,
].map((kernelName) => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (_dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    return { a: () => tf.fill(a.shape, 0), b: () => tf.fill(b.shape, 0) };
  },
}));

/** Masks made of masks are constants, too. */
export const logicalGradients: readonly tf.GradConfig[] = [
  ...[tf.LogicalAnd, tf.LogicalOr].map(
    (kernelName): tf.GradConfig => ({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_dy, saved) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor];
        return { a: () => tf.fill(a.shape, 0), b: () => tf.fill(b.shape, 0) };
      },
    }),
  ),
  {
    kernelName: tf.LogicalNot,
    inputsToSave: ['x'],
    gradFunc: (_dy, saved) => {
      const [x] = saved as [tf.Tensor];
      return { x: () => tf.fill(x.shape, 0) };
    },
  },
];

/** TensorFlow.js forgets to add up over the axes along which an operand was broadcast. */
function broadcastGradient(
  kernelName: string,
  ofA: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  ofB: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return {
        a: () => sumToShape(tf.mul(single(dy), ofA(a, b)), a.shape),
        b: () => sumToShape(tf.mul(single(dy), ofB(a, b)), b.shape),
      };
    },
  };
}

const asFloat = (mask: tf.Tensor): tf.Tensor => tf.cast(mask, 'float32');

/** Of two equal operands the first gets the gradient. */
export const extremumGradients: readonly tf.GradConfig[] = [
  broadcastGradient(
    tf.Maximum,
    (a, b) => asFloat(tf.greaterEqual(a, b)),
    (a, b) => asFloat(tf.less(a, b)),
  ),
  broadcastGradient(
    tf.Minimum,
    (a, b) => asFloat(tf.lessEqual(a, b)),
    (a, b) => asFloat(tf.greater(a, b)),
  ),
];

export const squaredDifferenceGradient: tf.GradConfig = broadcastGradient(
  tf.SquaredDifference,
  (a, b) => tf.mul(tf.sub(a, b), 2),
  (a, b) => tf.mul(tf.sub(b, a), 2),
);
