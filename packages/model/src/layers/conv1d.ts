import * as tf from '@tensorflow/tfjs-core';
import { Conv, type ConvOptions } from './conv.js';
import { convolve, type Sides } from './convolve.js';

type Single = readonly [length: number];

export interface Conv1dOptions extends ConvOptions<Single> {}

/** 1-D convolution of sequences: (N, L, inChannels) → (N, L', outChannels). `weight` is (K, inChannels / groups, outChannels). */
export class Conv1d extends Conv<Single> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inChannels: number, outChannels: number, kernelSize: number | Single, options: Conv1dOptions = {}) {
    super({ inChannels, outChannels }, kernelSize, { ...options, axes: 1, layout: { torchLayout: 'oiw' } });
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    return this.run(x) as tf.Tensor3D;
  }

  protected convolve(x: tf.Tensor, [sides]: readonly Sides[], weight: tf.Tensor): tf.Tensor {
    const { inChannels, outChannels, groups } = this;
    const isDepthwise = groups > 1 && groups === inChannels;
    const [length] = this.kernelSize;
    const kernel = isDepthwise ? [1, length, groups, outChannels / groups] : [1, ...this.weight.shape];
    const y = convolve(tf.expandDims(x, 1), tf.reshape(weight, kernel as [number, number, number, number]), {
      stride: [1, this.stride[0]],
      dilation: [1, this.dilation[0]],
      groups,
      pads: [[0, 0], sides as Sides],
      isDepthwise,
    });
    return tf.squeeze(y, [1]);
  }
}
