import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, type Extents, extentsOf, type Pair } from '../check-input.js';
import { Module } from '../module.js';
import { tooShort } from './conv.js';
import type { Two } from './convolve.js';
import { indicesOfMaxima } from './pool-indices.js';
import { type AxisWindow, average, type Counting, maximum, NO_WINDOW, outputsOf, spanOf } from './pool-windows.js';

type One = readonly [length: number];
type Three = readonly [depth: number, height: number, width: number];

export interface PoolOptions<T extends readonly number[] = Two<number>> {
  /** Default: the kernel size. */
  readonly stride?: Extents<T>;
  /** Both sides of each axis, at most half the kernel; default 0. */
  readonly padding?: Extents<T>;
  /** Keeps a last, partial window; default false. */
  readonly ceilMode?: boolean;
}

export interface MaxPoolOptions<T extends readonly number[] = Two<number>> extends PoolOptions<T> {
  /** Default 1. */
  readonly dilation?: Extents<T>;
}

export interface AvgPoolOptions<T extends readonly number[] = Two<number>> extends PoolOptions<T> {
  /** Averages over padding too; default true. */
  readonly countIncludePad?: boolean;
  /** Divides sums by this instead of the number of elements; not for one axis. */
  readonly divisorOverride?: number;
}

/** Reduces the windows of two axes. */
type Reduce = (x: tf.Tensor4D, windows: Two<AxisWindow>) => tf.Tensor4D;

abstract class Pool<T extends readonly number[]> extends Module {
  readonly kernelSize: T;
  readonly stride: T;
  readonly padding: T;
  readonly dilation: T;
  readonly ceilMode: boolean;

  constructor(axes: number, kernelSize: Extents<T>, options: MaxPoolOptions<T>) {
    super();
    const name = new.target.name;
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options;
    checkIntegers(name, 1, { kernelSize, stride, dilation });
    checkIntegers(name, 0, { padding });
    this.kernelSize = extentsOf<T>(name, axes, { kernelSize });
    this.stride = extentsOf<T>(name, axes, { stride });
    this.padding = extentsOf<T>(name, axes, { padding });
    this.dilation = extentsOf<T>(name, axes, { dilation });
    this.ceilMode = ceilMode;
    if (this.windows().some((window) => 2 * window.padding > spanOf(window))) {
      throw badOption(
        name,
        'padding of at most half the kernel',
        `padding = ${this.padding.join(', ')}, kernelSize = ${this.kernelSize.join(', ')}`,
      );
    }
  }

  protected windows(): AxisWindow[] {
    return this.kernelSize.map((kernel, axis) => ({
      kernel,
      stride: this.stride[axis] as number,
      padding: this.padding[axis] as number,
      dilation: this.dilation[axis] as number,
      ceilMode: this.ceilMode,
    }));
  }

  /** Pools (N, L, C), (N, H, W, C) or (N, D, H, W, C); the depth last, so that the first of equal maxima is the first in memory. */
  protected pool(x: tf.Tensor, axes: string, reduce: Reduce): tf.Tensor {
    const windows = this.windows();
    checkInput(this, x, { rank: windows.length + 2, expected: `(N, ${axes}, C)` });
    windows.forEach((window, axis) => {
      if (outputsOf(x.shape[axis + 1] as number, window) < 1)
        throw tooShort(this, x, `at least ${spanOf(window)} places along axis ${axis + 1}, padding included`);
    });
    const [rows, columns] = windows.slice(-2) as [AxisWindow, AxisWindow];
    if (windows.length === 1) return tf.squeeze(reduce(tf.expandDims(x, 1), [NO_WINDOW, rows]), [1]);
    if (windows.length === 2) return reduce(x as tf.Tensor4D, [rows, columns]);
    const [batch, depth, height, width, channels] = x.shape as [number, number, number, number, number];
    const flat = reduce(tf.reshape(x, [batch * depth, height, width, channels]), [rows, columns]);
    const [, tall, wide] = flat.shape;
    const deep = reduce(tf.reshape(flat, [batch, depth, tall * wide, channels]), [windows[0] as AxisWindow, NO_WINDOW]);
    return tf.reshape(deep, [batch, deep.shape[1], tall, wide, channels]);
  }
}

abstract class MaxPool<T extends readonly number[], Y extends tf.Tensor> extends Pool<T> {
  abstract override forward(x: tf.Tensor): Y;

  /**
   * The maxima as `apply` gives them, and where they lie: int32 places of each image, counted from 0 row by row; the first of equals.
   * What a `MaxUnpool` takes. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`
   */
  withIndices(x: tf.Tensor): readonly [maxima: Y, indices: tf.Tensor] {
    const maxima = this.apply(...([x] as Parameters<this['forward']>)) as Y;
    return [maxima, indicesOfMaxima(x, this.windows())];
  }
}

/** Maximum over windows of sequences: (N, L, C) → (N, L', C). Padding never wins. */
export class MaxPool1d extends MaxPool<One, tf.Tensor3D> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Extents<One>, options: MaxPoolOptions<One> = {}) {
    super(1, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    return this.pool(x, 'L', maximum) as tf.Tensor3D;
  }
}

/** Maximum over windows of NHWC images: (N, H, W, C) → (N, H', W', C). Padding never wins. */
export class MaxPool2d extends MaxPool<Two<number>, tf.Tensor4D> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Pair, options: MaxPoolOptions = {}) {
    super(2, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    return this.pool(x, 'H, W', maximum) as tf.Tensor4D;
  }
}

/** Maximum over windows of volumes: (N, D, H, W, C) → (N, D', H', W', C). Padding never wins. */
export class MaxPool3d extends MaxPool<Three, tf.Tensor5D> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Extents<Three>, options: MaxPoolOptions<Three> = {}) {
    super(3, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor5D {
    return this.pool(x, 'D, H, W', maximum) as tf.Tensor5D;
  }
}

abstract class AvgPool<T extends readonly number[]> extends Pool<T> {
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | undefined;

  constructor(axes: number, kernelSize: Extents<T>, options: AvgPoolOptions<T>) {
    const { countIncludePad = true, divisorOverride, ...window } = options;
    super(axes, kernelSize, window);
    this.countIncludePad = countIncludePad;
    if (divisorOverride !== undefined) checkIntegers(new.target.name, 1, { divisorOverride });
    this.divisorOverride = divisorOverride;
  }

  protected mean(x: tf.Tensor, axes: string): tf.Tensor {
    const counting: Counting = { kind: this.#kind() };
    const mean = this.pool(x, axes, (image, windows) => average(image, windows, counting));
    if (this.divisorOverride === undefined) return mean;
    const elements = this.kernelSize.reduce((product, extent) => product * extent, 1);
    return tf.mul(mean, elements / this.divisorOverride);
  }

  #kind(): Counting['kind'] {
    if (this.divisorOverride !== undefined) return 'window';
    return this.countIncludePad ? 'padding' : 'elements';
  }
}

/** Mean over windows of sequences: (N, L, C) → (N, L', C). */
export class AvgPool1d extends AvgPool<One> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Extents<One>, options: Omit<AvgPoolOptions<One>, 'divisorOverride'> = {}) {
    super(1, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    return this.mean(x, 'L') as tf.Tensor3D;
  }
}

/** Mean over windows of NHWC images: (N, H, W, C) → (N, H', W', C). */
export class AvgPool2d extends AvgPool<Two<number>> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Pair, options: AvgPoolOptions = {}) {
    super(2, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    return this.mean(x, 'H, W') as tf.Tensor4D;
  }
}

/** Mean over windows of volumes: (N, D, H, W, C) → (N, D', H', W', C). */
export class AvgPool3d extends AvgPool<Three> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Extents<Three>, options: AvgPoolOptions<Three> = {}) {
    super(3, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor5D {
    return this.mean(x, 'D, H, W') as tf.Tensor5D;
  }
}
