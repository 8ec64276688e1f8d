import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, type Pair, pairOf } from '../check-input.js';
import { Module } from '../module.js';
import { averageCounts, ceilOverhang } from './pooling-math.js';

export interface PoolOptions {
  /** Default: the kernel size. */
  readonly stride?: Pair;
  /** Both sides of each axis, at most half the kernel; default 0. */
  readonly padding?: Pair;
  /** Keeps a last, partial window; default false. */
  readonly ceilMode?: boolean;
}

export interface AvgPoolOptions extends PoolOptions {
  /** Averages over padding too; default true. */
  readonly countIncludePad?: boolean;
}

abstract class Pool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly ceilMode: boolean;

  constructor(kernelSize: Pair, options: PoolOptions) {
    super();
    const name = new.target.name;
    const { stride = kernelSize, padding = 0, ceilMode = false } = options;
    checkIntegers(name, 1, { kernelSize, stride });
    checkIntegers(name, 0, { padding });
    this.kernelSize = pairOf(kernelSize);
    this.stride = pairOf(stride);
    this.padding = pairOf(padding);
    this.ceilMode = ceilMode;
    if ([0, 1].some((axis) => 2 * (this.padding[axis] as number) > (this.kernelSize[axis] as number))) {
      throw badOption(
        name,
        'padding of at most half the kernel',
        `padding = ${this.padding.join(', ')}, kernelSize = ${this.kernelSize.join(', ')}`,
      );
    }
  }

  /** Rows and columns that ceil mode adds at the bottom and the right. */
  protected overhang(x: tf.Tensor): [bottom: number, right: number] {
    checkInput(this, x, { rank: 4, expected: '(N, H, W, C)' });
    if (!this.ceilMode) return [0, 0];
    const along = (axis: 0 | 1) =>
      ceilOverhang(x.shape[axis + 1] as number, {
        kernel: this.kernelSize[axis],
        stride: this.stride[axis],
        padding: this.padding[axis],
      });
    return [along(0), along(1)];
  }
}

/** Maximum over windows of NHWC images: (N, H, W, C) → (N, H', W', C). Padding never wins. */
export class MaxPool2d extends Pool2d {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Pair, options: PoolOptions = {}) {
    super(kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    const [bottom, right] = this.overhang(x);
    const [top, left] = this.padding;
    const pads = [top, left, top + bottom, left + right];
    const pad: 'valid' | tf.backend_util.ExplicitPadding = pads.every((n) => n === 0)
      ? 'valid'
      : [
          [0, 0],
          [top, top + bottom],
          [left, left + right],
          [0, 0],
        ];
    // tfjs's types leave explicit padding out; its kernels take it
    return tf.maxPool(x as tf.Tensor4D, [...this.kernelSize], [...this.stride], pad as 'valid');
  }
}

/** Mean over windows of NHWC images: (N, H, W, C) → (N, H', W', C). */
export class AvgPool2d extends Pool2d {
  readonly countIncludePad: boolean;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Pair, { countIncludePad = true, ...options }: AvgPoolOptions = {}) {
    super(kernelSize, options);
    this.countIncludePad = countIncludePad;
  }

  /** Pads with zeros itself: TensorFlow.js's gradient of a padded mean divides by the wrong counts. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    const overhang = this.overhang(x);
    const [top, left] = this.padding;
    const [kernel, stride] = [[...this.kernelSize] as [number, number], [...this.stride] as [number, number]];
    const isPadded = top + left + overhang[0] + overhang[1] > 0;
    const padded = isPadded
      ? tf.pad(x, [
          [0, 0],
          [top, top + overhang[0]],
          [left, left + overhang[1]],
          [0, 0],
        ])
      : x;
    const mean = tf.avgPool(padded as tf.Tensor4D, kernel, stride, 'valid');
    if (overhang[0] + overhang[1] === 0 && (this.countIncludePad || !isPadded)) return mean;
    const along = (axis: 0 | 1) =>
      averageCounts(x.shape[axis + 1] as number, {
        kernel: kernel[axis],
        stride: stride[axis],
        padding: this.padding[axis],
        outputs: mean.shape[axis + 1] as number,
        countIncludePad: this.countIncludePad,
      }).map((count) => kernel[axis] / count);
    return tf.mul(
      tf.mul(mean, tf.tensor(along(0), [1, mean.shape[1], 1, 1])),
      tf.tensor(along(1), [1, 1, mean.shape[2], 1]),
    );
  }
}
