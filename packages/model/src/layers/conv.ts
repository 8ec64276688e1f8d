import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, type Extents, extentsOf, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { defaultBias, defaultWeight } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter, type ParameterOptions } from '../parameter.js';
import type { Sides } from './convolve.js';
import { type PaddingMode, padAxes, widestBorder } from './pad-axes.js';

export interface ConvOptions<T extends readonly number[]> {
  /** Default 1. */
  readonly stride?: Extents<T>;
  /** Places on both sides of each axis; `same` keeps the size (stride 1 only; the odd place comes last), `valid` is 0. Default 0. */
  readonly padding?: Extents<T> | 'same' | 'valid';
  /** Default 1. */
  readonly dilation?: Extents<T>;
  /** Splits channels into groups that do not see each other; `groups = inChannels` is depthwise. Default 1. */
  readonly groups?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** What padding is filled with; default `zeros`. */
  readonly paddingMode?: PaddingMode;
}

export interface Channels {
  readonly inChannels: number;
  readonly outChannels: number;
}

const AXES = ['', 'L', 'H, W', 'D, H, W'];
const MODES: readonly PaddingMode[] = ['zeros', 'reflect', 'replicate', 'circular'];

/** What convolutions of one, two and three axes have in common. */
export abstract class Conv<T extends readonly number[]> extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: T;
  readonly stride: T;
  readonly padding: T | 'same' | 'valid';
  readonly dilation: T;
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    { inChannels, outChannels }: Channels,
    kernelSize: Extents<T>,
    options: ConvOptions<T> & { readonly layout: ParameterOptions; readonly axes: number },
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, paddingMode = 'zeros', axes } = options;
    const name = new.target.name;
    checkIntegers(name, 1, { inChannels, outChannels, kernelSize, stride, dilation, groups });
    checkGroups(name, { inChannels, outChannels, groups });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = extentsOf<T>(name, axes, { kernelSize });
    this.stride = extentsOf<T>(name, axes, { stride });
    this.padding = paddingOf<T>(name, padding, { axes, stride: this.stride });
    this.dilation = extentsOf<T>(name, axes, { dilation });
    this.groups = groups;
    if (!MODES.includes(paddingMode)) throw badOption(name, `paddingMode ${MODES.join(', ')}`, paddingMode);
    this.paddingMode = paddingMode;
    const torchShape = [outChannels, inChannels / groups, ...this.kernelSize];
    this.weight = new Parameter(torchShape, defaultWeight, options.layout);
    const fanIn = torchShape.slice(1).reduce((product, extent) => product * extent, 1);
    this.bias = bias ? new Parameter([outChannels], defaultBias(fanIn)) : undefined;
  }

  /** The convolution itself, of an input whose borders are filled unless `pads` says by how many zeros. */
  protected abstract convolve(x: tf.Tensor, pads: readonly Sides[], kernel: tf.Tensor): tf.Tensor;

  protected run(x: tf.Tensor): tf.Tensor {
    return this.forwardWith(x, this.weight.value, this.bias?.value);
  }

  /** `forward` with other values in the places of `weight` and `bias`, shaped as they are. */
  forwardWith(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
    checkInput(this, x, {
      rank: this.kernelSize.length + 2,
      last: this.inChannels,
      expected: `(N, ${AXES[this.kernelSize.length]}, ${this.inChannels})`,
    });
    const pads = this.#pads();
    this.#checkFit(x, pads);
    const { paddingMode } = this;
    const y =
      paddingMode === 'zeros'
        ? this.convolve(x, pads, kernel)
        : this.convolve(
            padAxes(x, pads, paddingMode),
            pads.map(() => [0, 0]),
            kernel,
          );
    return bias === undefined ? y : tf.add(y, bias);
  }

  #pads(): Sides[] {
    const { padding, kernelSize, dilation } = this;
    return kernelSize.map((kernel, axis) => {
      if (padding === 'valid') return [0, 0];
      if (padding !== 'same') return [padding[axis] as number, padding[axis] as number];
      const missing = (dilation[axis] as number) * (kernel - 1);
      return [Math.floor(missing / 2), Math.ceil(missing / 2)];
    });
  }

  #checkFit(x: tf.Tensor, pads: readonly Sides[]): void {
    const { kernelSize, dilation, paddingMode } = this;
    pads.forEach(([before, after], axis) => {
      const extent = x.shape[axis + 1] as number;
      const span = (dilation[axis] as number) * ((kernelSize[axis] as number) - 1) + 1;
      if (extent + before + after < span)
        throw tooShort(
          this,
          x,
          `at least ${span} places along axis ${axis + 1}, the reach of the kernel, padding included`,
        );
      if (Math.max(before, after) > widestBorder(extent, paddingMode))
        throw tooShort(
          this,
          x,
          `more places along axis ${axis + 1} for a border of ${Math.max(before, after)} by ${paddingMode}`,
        );
    });
  }
}

/** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
export function checkGroups(
  name: string,
  { inChannels, outChannels, groups }: Channels & { readonly groups: number },
): void {
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  throw badOption(
    name,
    'inChannels and outChannels to be multiples of groups',
    `${inChannels}, ${outChannels} and groups = ${groups}`,
  );
}

/** The error of an input that is smaller than what looks at it. */
export function tooShort(layer: Module, x: tf.Tensor, expected: string): Error {
  return modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected: `input of ${expected}`,
    received: `(${x.shape.join(', ')}) ${x.dtype}`,
    action: 'use larger inputs, more padding, a smaller kernel or fewer layers that shrink',
  });
}

function paddingOf<T extends readonly number[]>(
  name: string,
  padding: Extents<T> | 'same' | 'valid',
  { axes, stride }: { readonly axes: number; readonly stride: readonly number[] },
): T | 'same' | 'valid' {
  if (padding === 'valid') return padding;
  if (padding === 'same') {
    if (Math.max(...stride) > 1) throw badOption(name, "stride 1 with padding 'same'", `stride = ${stride.join(', ')}`);
    return padding;
  }
  if (typeof padding === 'string') throw badOption(name, "padding in numbers, 'same' or 'valid'", padding);
  checkIntegers(name, 0, { padding });
  return extentsOf<T>(name, axes, { padding });
}
