import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, type Pair, pairOf } from '../check-input.js';
import { defaultBias, defaultWeight } from '../initializers.js';
import { Module, type ModuleRole } from '../module.js';
import { Parameter } from '../parameter.js';

export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: Pair;
  /** Zeros on both sides of each axis; default 0. */
  readonly padding?: Pair;
  /** Default 1. */
  readonly dilation?: Pair;
  /** Splits channels into groups that do not see each other; `groups = inChannels` is depthwise. Default 1. */
  readonly groups?: number;
  /** Default true. */
  readonly bias?: boolean;
}

type Pad = 'valid' | 'same' | tf.backend_util.ExplicitPadding;

/**
 * 2-D convolution of NHWC images: (N, H, W, inChannels) → (N, H', W', outChannels), as PyTorch's with its symmetrical padding.
 * `weight` is HWIO, (H, W, C, M) when depthwise.
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly #pad: Pad;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dOptions = {}) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    checkIntegers('Conv2d', 1, { inChannels, outChannels, kernelSize, stride, dilation, groups });
    checkIntegers('Conv2d', 0, { padding });
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw badOption(
        'Conv2d',
        'inChannels and outChannels to be multiples of groups',
        `${inChannels}, ${outChannels} and groups = ${groups}`,
      );
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = pairOf(kernelSize);
    this.stride = pairOf(stride);
    this.padding = pairOf(padding);
    this.dilation = pairOf(dilation);
    this.groups = groups;
    const torchShape = [outChannels, inChannels / groups, ...this.kernelSize];
    const isDepthwise = groups > 1 && groups === inChannels;
    this.weight = new Parameter(
      torchShape,
      defaultWeight,
      isDepthwise ? { torchLayout: 'odhw-depthwise', channels: groups } : { torchLayout: 'oihw' },
    );
    const fanIn = (inChannels / groups) * this.kernelSize[0] * this.kernelSize[1];
    this.bias = bias ? new Parameter([outChannels], defaultBias(fanIn)) : undefined;
    this.#pad = padOf(this);
  }

  /** Depthwise where each group sees one channel, as MMEngine decides it: also a plain convolution of a single channel. */
  override get role(): ModuleRole | undefined {
    return this.groups === this.inChannels ? 'depthwiseConv' : undefined;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    checkInput(this, x, { rank: 4, last: this.inChannels, expected: `(N, H, W, ${this.inChannels})` });
    const y = this.#convolve(x as tf.Tensor4D);
    return this.bias === undefined ? y : tf.add(y, this.bias.value);
  }

  #convolve(x: tf.Tensor4D): tf.Tensor4D {
    const kernel = this.weight.value as tf.Tensor as tf.Tensor4D;
    const stride = [...this.stride] as [number, number];
    // TensorFlow.js takes strides or dilations, not both
    const spreads = Math.max(...stride) > 1 && Math.max(...this.dilation) > 1;
    const dilation: [number, number] = spreads ? [1, 1] : [...this.dilation];
    const weight = spreads ? spread(kernel, this.dilation) : kernel;
    if (this.groups === 1) return tf.conv2d(x, weight, stride, this.#pad, 'NHWC', dilation);
    if (this.weight.torchLayout === 'odhw-depthwise')
      return tf.depthwiseConv2d(x, weight, stride, this.#pad, 'NHWC', dilation);
    const weights = tf.split(weight, this.groups, 3);
    const parts = tf
      .split(x, this.groups, 3)
      .map((part, g) => tf.conv2d(part as tf.Tensor4D, weights[g] as tf.Tensor4D, stride, this.#pad, 'NHWC', dilation));
    return tf.concat(parts, 3);
  }
}

/** The kernel with zeros between its taps: what dilation means. */
function spread(kernel: tf.Tensor4D, [down, across]: readonly [number, number]): tf.Tensor4D {
  const [height, width, inputs, outputs] = kernel.shape;
  const [tall, wide] = [(height - 1) * down + 1, (width - 1) * across + 1];
  const rows = tf.pad(tf.reshape(kernel, [height, 1, width * inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
  ]);
  const kept = tf.slice(tf.reshape(rows, [height * down, width * inputs * outputs]), [0, 0], [tall, -1]);
  const columns = tf.pad(tf.reshape(kept, [tall, width, 1, inputs * outputs]), [
    [0, 0],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const trimmed = tf.slice(tf.reshape(columns, [tall, width * across, inputs * outputs]), [0, 0, 0], [-1, wide, -1]);
  return tf.reshape(trimmed, [tall, wide, inputs, outputs]);
}

/** The form that most backends take, explicit only where neither `valid` nor `same` says it. A plain number would use the height's extents for both axes. */
function padOf({ kernelSize, stride, padding, dilation }: Conv2d): Pad {
  const [top, left] = padding;
  if (top === 0 && left === 0) return 'valid';
  const isSame = [0, 1].every(
    (axis) =>
      stride[axis] === 1 &&
      2 * (padding[axis] as number) === (dilation[axis] as number) * ((kernelSize[axis] as number) - 1),
  );
  if (isSame) return 'same';
  return [
    [0, 0],
    [top, top],
    [left, left],
    [0, 0],
  ];
}
