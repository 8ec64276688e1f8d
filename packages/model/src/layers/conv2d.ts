import type * as tf from '@tensorflow/tfjs-core';
import type { Pair } from '../check-input.js';
import { Conv, type ConvOptions } from './conv.js';
import { convolve, type Sides, type Two } from './convolve.js';

export interface Conv2dOptions extends ConvOptions<readonly [height: number, width: number]> {}

/**
 * 2-D convolution of NHWC images: (N, H, W, inChannels) → (N, H', W', outChannels), as PyTorch's with its symmetrical padding.
 * `weight` is HWIO, (H, W, C, M) when depthwise.
 */
export class Conv2d extends Conv<readonly [height: number, width: number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dOptions = {}) {
    const { groups = 1 } = options;
    const isDepthwise = groups > 1 && groups === inChannels;
    super({ inChannels, outChannels }, kernelSize, {
      ...options,
      axes: 2,
      layout: isDepthwise ? { torchLayout: 'odhw-depthwise', channels: groups } : { torchLayout: 'oihw' },
    });
  }

  override get role(): 'depthwiseConv' | undefined {
    return this.groups === this.inChannels ? 'depthwiseConv' : undefined;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    return this.run(x) as tf.Tensor4D;
  }

  protected convolve(x: tf.Tensor, pads: readonly Sides[], kernel: tf.Tensor): tf.Tensor {
    const { stride, dilation, groups } = this;
    return convolve(x as tf.Tensor4D, kernel as tf.Tensor4D, {
      stride,
      dilation,
      groups,
      pads: pads as Two<Sides>,
      isDepthwise: this.weight.torchLayout === 'odhw-depthwise',
    });
  }
}
