import type { TorchLayout } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, type Extents, extentsOf, layerName, type Pair } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { defaultBias, defaultWeight } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkGroups } from './conv.js';
import type { Two } from './convolve.js';
import { convolveTransposed } from './convolve-transposed.js';

export interface ConvTransposeOptions<T extends readonly number[]> {
  /** Default 1. */
  readonly stride?: Extents<T>;
  /** Places cut off both sides of each axis; default 0. */
  readonly padding?: Extents<T>;
  /** Places added at the end of each axis, fewer than stride or dilation; default 0. */
  readonly outputPadding?: Extents<T>;
  /** Default 1. */
  readonly groups?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default 1. */
  readonly dilation?: Extents<T>;
}

const LAYOUTS = ['same', 'iow', 'iohw', 'iodhw'] as const;

/** What transposed convolutions have in common: the gradient of a convolution with respect to its input. */
export abstract class ConvTranspose<T extends readonly number[]> extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: T;
  readonly stride: T;
  readonly padding: T;
  readonly outputPadding: T;
  readonly dilation: T;
  readonly groups: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    channels: readonly [inChannels: number, outChannels: number],
    kernelSize: Extents<T>,
    options: ConvTransposeOptions<T> & { readonly axes: number },
  ) {
    super();
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias = true, axes } = options;
    const name = new.target.name;
    const [inChannels, outChannels] = channels;
    checkIntegers(name, 1, { inChannels, outChannels, kernelSize, stride, dilation, groups });
    checkIntegers(name, 0, { padding, outputPadding });
    checkGroups(name, { inChannels, outChannels, groups });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = extentsOf<T>(name, axes, { kernelSize });
    this.stride = extentsOf<T>(name, axes, { stride });
    this.padding = extentsOf<T>(name, axes, { padding });
    this.outputPadding = extentsOf<T>(name, axes, { outputPadding });
    this.dilation = extentsOf<T>(name, axes, { dilation });
    this.groups = groups;
    this.outputPadding.forEach((extra, axis) => {
      if (extra < Math.max(this.stride[axis] as number, this.dilation[axis] as number)) return;
      throw badOption(
        name,
        'outputPadding below stride or dilation',
        `outputPadding = ${this.outputPadding.join(', ')}`,
      );
    });
    const torchShape = [inChannels, outChannels / groups, ...this.kernelSize];
    this.weight = new Parameter(torchShape, defaultWeight, { torchLayout: LAYOUTS[axes] as TorchLayout });
    const fanIn = torchShape.slice(1).reduce((product, extent) => product * extent, 1);
    this.bias = bias ? new Parameter([outChannels], defaultBias(fanIn)) : undefined;
  }

  /** Extent of each axis of the output, without `outputPadding`. */
  protected smallest(x: tf.Tensor): number[] {
    return this.kernelSize.map((kernel, axis) => {
      const [stride, padding, dilation] = [this.stride, this.padding, this.dilation].map((each) => each[axis]) as [
        number,
        number,
        number,
      ];
      return ((x.shape[axis + 1] as number) - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1;
    });
  }

  /** What to add at the end of each axis. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  protected extra(x: tf.Tensor, outputSize: readonly number[] | undefined): readonly number[] {
    const smallest = this.smallest(x);
    const extra =
      outputSize === undefined ? this.outputPadding : smallest.map((size, axis) => (outputSize[axis] ?? 0) - size);
    const fits = extra.every((each, axis) => {
      const limit = outputSize === undefined ? Number.POSITIVE_INFINITY : (this.stride[axis] as number);
      return each >= 0 && each < limit && (smallest[axis] as number) + each > 0;
    });
    if (fits) return extra;
    const largest = smallest.map((size, axis) => size + (this.stride[axis] as number) - 1);
    throw modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: `an output from (${smallest.join(', ')}) to (${largest.join(', ')}), at least 1 along each axis`,
      received: `${outputSize === undefined ? '' : `outputSize (${outputSize.join(', ')}) for `}input (${x.shape.join(', ')})`,
      action: 'change outputSize, padding or the size of the input',
    });
  }
}

/** 1-D transposed convolution: (N, L, inChannels) → (N, L', outChannels). `weight` is (K, outChannels / groups, inChannels). */
export class ConvTranspose1d extends ConvTranspose<readonly [length: number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly [length: number],
    options: ConvTransposeOptions<readonly [length: number]> = {},
  ) {
    super([inChannels, outChannels], kernelSize, { ...options, axes: 1 });
  }

  /** `outputSize` chooses among the sizes that a stride leaves open. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, outputSize?: readonly [length: number]): tf.Tensor3D {
    checkInput(this, x, { rank: 3, last: this.inChannels, expected: `(N, L, ${this.inChannels})` });
    const y = convolveTransposed(tf.expandDims(x, 1), tf.expandDims(this.weight.value, 0), {
      stride: [1, this.stride[0]],
      padding: [0, this.padding[0]],
      dilation: [1, this.dilation[0]],
      extra: [0, ...this.extra(x, outputSize)] as readonly number[] as Two<number>,
      groups: this.groups,
    });
    const sequence = tf.squeeze<tf.Tensor3D>(y, [1]);
    return this.bias === undefined ? sequence : tf.add(sequence, this.bias.value);
  }
}

/** 2-D transposed convolution of NHWC images: (N, H, W, inChannels) → (N, H', W', outChannels). `weight` is (H, W, outChannels / groups, inChannels). */
export class ConvTranspose2d extends ConvTranspose<readonly [height: number, width: number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    options: ConvTransposeOptions<readonly [height: number, width: number]> = {},
  ) {
    super([inChannels, outChannels], kernelSize, { ...options, axes: 2 });
  }

  /** `outputSize` chooses among the sizes that a stride leaves open. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, outputSize?: readonly [height: number, width: number]): tf.Tensor4D {
    checkInput(this, x, { rank: 4, last: this.inChannels, expected: `(N, H, W, ${this.inChannels})` });
    const y = convolveTransposed(x as tf.Tensor4D, this.weight.value as tf.Tensor as tf.Tensor4D, {
      stride: this.stride,
      padding: this.padding,
      dilation: this.dilation,
      extra: this.extra(x, outputSize) as Two<number>,
      groups: this.groups,
    });
    return this.bias === undefined ? y : tf.add(y, this.bias.value);
  }
}
