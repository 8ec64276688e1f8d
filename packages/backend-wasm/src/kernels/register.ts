import {
  AdamStep,
  Choose,
  composedKernels,
  coreErrors,
  MultiplyAdd,
  registerComposedKernels,
  replaceKernel,
} from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { adamStep } from './adam-step.js';
import { rowBroadcast } from './broadcast.js';
import { choose } from './choose.js';
import { cast, identity, oneHot } from './copies.js';
import { batchMatMul, uncachedMatMul } from './mat-mul.js';
import { maxPoolGrad } from './max-pool-grad.js';
import { multiplyAdd } from './multiply-add.js';
import { leadingAxesReduction } from './reduce.js';
import { standardize, standardizeGrad } from './standardize.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

const NAME = 'wasm';

function originalOf(kernelName: string): tf.KernelFunc {
  const config = tf.getKernel(kernelName, NAME);
  if (config === undefined) {
    throw coreErrors.BACKEND_LOAD_FAILED({
      subject: 'backend wasm',
      expected: `a kernel ${kernelName} in @tensorflow/tfjs-backend-wasm`,
      received: 'none',
      action: 'install @tensorflow/tfjs-core and @tensorflow/tfjs-backend-wasm of version 4.22, one copy of each',
    });
  }
  return config.kernelFunc;
}

/** Registers the kernels that training needs over those of TensorFlow.js's wasm backend. Only the first call does anything. */
export function registerKernels(): void {
  if (tf.getKernel(tf.UnsortedSegmentSum, NAME)?.kernelFunc === unsortedSegmentSum) return;
  const averagePool = originalOf(tf.AvgPool);
  const replacements: Record<string, tf.KernelFunc | undefined> = {
    [tf._FusedMatMul]: uncachedMatMul(originalOf(tf._FusedMatMul)),
    [tf.BatchMatMul]: batchMatMul(originalOf(tf.BatchMatMul)),
    [Choose]: choose,
    [tf.Cast]: cast(originalOf(tf.Cast)),
    [tf.Conv2DBackpropInput]: composedKernels[tf.Conv2DBackpropInput],
    [tf.Conv3DBackpropFilterV2]: composedKernels[tf.Conv3DBackpropFilterV2],
    [tf.Conv3DBackpropInputV2]: composedKernels[tf.Conv3DBackpropInputV2],
    [tf.Identity]: identity,
    [tf.MaxPoolGrad]: maxPoolGrad,
    [tf.Mean]: leadingAxesReduction(originalOf(tf.Mean), averagePool, true),
    [AdamStep]: adamStep,
    [MultiplyAdd]: multiplyAdd,
    [tf.Sum]: leadingAxesReduction(originalOf(tf.Sum), averagePool, false),
    Standardize: standardize,
    StandardizeGrad: standardizeGrad,
    [tf.OneHot]: oneHot(originalOf(tf.OneHot), originalOf(tf.Cast)),
    [tf.UnsortedSegmentSum]: unsortedSegmentSum,
  };
  for (const name of [tf.Add, tf.Sub, tf.Multiply, tf.RealDiv]) replacements[name] = rowBroadcast(originalOf(name));
  for (const [name, kernelFunc] of Object.entries(replacements))
    if (kernelFunc !== undefined) replaceKernel(name, NAME, kernelFunc);
  registerComposedKernels(NAME);
}
