/** Kernels that training needs, composed of other kernels of the same backend. */
import * as tf from '@tensorflow/tfjs-core';
import { type ConvAttrs, convInfo } from '../gradients/convolution.js';
import { type Conv3DAttrs, conv3dFilterGradient, conv3dInputGradient } from '../gradients/convolution-3d-math.js';
import {
  conv2dFilterGradient,
  conv2dInputGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
} from '../gradients/convolution-math.js';
import { AdamStep, type AdamStepInputs, composedAdamStep } from './adam-step.js';
import { BatchNormTrain, BatchNormTrainGrad, composedBatchNorm, composedBatchNormGrad } from './batch-norm.js';
import { Choose, composedChoose } from './choose.js';
import { composedGelu, composedGeluGrad, Gelu, GeluGrad } from './gelu.js';
import { hostKeepMask, KeepMask, type KeepMaskOptions } from './keep-mask.js';
import { composedLabelCrossEntropy, LabelCrossEntropy } from './label-cross-entropy.js';
import { composedMomentumStep, MomentumStep, type MomentumStepInputs } from './momentum-step.js';
import { composedMultiplyAdd, MultiplyAdd } from './multiply-add.js';
import { composedReluGrad, ReluGrad } from './relu-grad.js';
import { repairKernels } from './repaired-kernels.js';
import { composedStandardize, composedStandardizeGrad, Standardize, StandardizeGrad } from './standardize.js';

type Shape4D = [number, number, number, number];
type Inputs = Record<string, tf.Tensor>;

/** Kernel name → a kernel function for any backend whose `runKernel` inputs are tensors. */
export const composedKernels: Readonly<Record<string, tf.KernelFunc>> = {
  [tf.Conv2DBackpropFilter]: ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { filterShape, ...conv } = attrs as unknown as ConvAttrs & { filterShape: Shape4D };
    return conv2dFilterGradient(x, dy, convInfo({ x: x.shape, filter: filterShape, depthwise: false }, conv));
  },
  [tf.Conv2DBackpropInput]: ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { inputShape, ...conv } = attrs as unknown as ConvAttrs & { inputShape: Shape4D };
    return conv2dInputGradient(dy, filter, convInfo({ x: inputShape, filter: filter.shape, depthwise: false }, conv));
  },
  [tf.Conv3DBackpropFilterV2]: ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor; dy: tf.Tensor };
    return conv3dFilterGradient(x, dy, attrs as unknown as Conv3DAttrs & { filterShape: number[] });
  },
  [tf.Conv3DBackpropInputV2]: ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor; filter: tf.Tensor };
    return conv3dInputGradient(dy, filter, attrs as unknown as Conv3DAttrs & { inputShape: number[] });
  },
  [tf.DepthwiseConv2dNativeBackpropFilter]: ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { filterShape, ...conv } = attrs as unknown as ConvAttrs & { filterShape: Shape4D };
    return depthwiseFilterGradient(x, dy, convInfo({ x: x.shape, filter: filterShape, depthwise: true }, conv));
  },
  [tf.DepthwiseConv2dNativeBackpropInput]: ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { inputShape, ...conv } = attrs as unknown as ConvAttrs & { inputShape: Shape4D };
    return depthwiseInputGradient(dy, filter, convInfo({ x: inputShape, filter: filter.shape, depthwise: true }, conv));
  },
  [AdamStep]: ({ inputs, attrs }) =>
    composedAdamStep(inputs as unknown as AdamStepInputs, attrs?.['fromSlope'] === true),
  [Choose]: ({ inputs }) =>
    composedChoose(inputs as Inputs as Record<'condition' | 'whenTrue' | 'whenFalse', tf.Tensor>),
  [Gelu]: ({ inputs }) => composedGelu((inputs as Inputs)['x'] as tf.Tensor),
  [GeluGrad]: ({ inputs }) => composedGeluGrad(inputs as Inputs as Record<'dy' | 'x', tf.Tensor>),
  [KeepMask]: ({ inputs, attrs }) =>
    hostKeepMask(inputs as Inputs as Record<'key' | 'counter', tf.Tensor>, attrs as unknown as KeepMaskOptions),
  [LabelCrossEntropy]: ({ inputs }) =>
    composedLabelCrossEntropy(inputs as Inputs as Record<'logits' | 'labels', tf.Tensor>),
  [MomentumStep]: ({ inputs, attrs }) =>
    composedMomentumStep(inputs as unknown as MomentumStepInputs, attrs?.['nesterov'] === true),
  [MultiplyAdd]: ({ inputs }) => composedMultiplyAdd(inputs as Inputs as Record<'a' | 'b' | 'c', tf.Tensor>),
  [ReluGrad]: ({ inputs }) => composedReluGrad(inputs as Inputs as Record<'dy' | 'x', tf.Tensor>),
  [BatchNormTrain]: ({ inputs, attrs }) => {
    const { x, gamma, beta } = inputs as Record<'x' | 'gamma' | 'beta', tf.Tensor>;
    return composedBatchNorm({ x, gamma, beta }, Number(attrs?.['epsilon']));
  },
  [BatchNormTrainGrad]: ({ inputs, attrs }) => {
    return composedBatchNormGrad(
      inputs as Inputs as Parameters<typeof composedBatchNormGrad>[0],
      Number(attrs?.['epsilon']),
    );
  },
  [Standardize]: ({ inputs, attrs }) =>
    composedStandardize((inputs as Inputs)['x'] as tf.Tensor, Number(attrs?.['epsilon'])),
  [StandardizeGrad]: ({ inputs, attrs }) =>
    composedStandardizeGrad(
      inputs as Inputs as Parameters<typeof composedStandardizeGrad>[0],
      Number(attrs?.['epsilon']),
    ),
};

/** Registers the composed kernels that a backend lacks, and repairs those it has wrong. Every backend's `init` calls it after registering its own. */
export function registerComposedKernels(backendName: string): void {
  for (const [kernelName, kernelFunc] of Object.entries(composedKernels)) {
    if (tf.getKernel(kernelName, backendName) === undefined) tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
  repairKernels(backendName);
}
