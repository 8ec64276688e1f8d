import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers, type Extents, extentsOf, type Pair } from '../check-input.js';
import { Module } from '../module.js';

/** Reduces each window of one axis, the axis kept. */
type Reduce = (x: tf.Tensor4D, axis: 1 | 2, window: number) => tf.Tensor4D;

const windowOf = (axis: 1 | 2, extent: number): [number, number] => (axis === 1 ? [extent, 1] : [1, extent]);
const average: Reduce = (x, axis, window) => tf.avgPool(x, windowOf(axis, window), windowOf(axis, window), 'valid');
/** By pooling, not `tf.max`: among equals only the first gets the gradient. */
const maximum: Reduce = (x, axis, window) => tf.maxPool(x, windowOf(axis, window), windowOf(axis, window), 'valid');

type Three = readonly [number, number, number];
/** Null keeps the extent of the axis. */
type Size<T extends readonly number[]> = Extents<T> | readonly (number | null)[];

/** Pools of which the size of the output is given: window i of n covers [floor(i n / outputs), ceil((i + 1) n / outputs)); windows may overlap. */
abstract class AdaptivePool<T extends readonly number[]> extends Module {
  readonly outputSize: readonly (number | null)[];

  constructor(outputSize: Size<T>, axes: number) {
    super();
    const name = new.target.name;
    const sizes = extentsOf(name, axes, { outputSize: outputSize as Extents<readonly number[]> }) as readonly (
      | number
      | null
    )[];
    checkIntegers(name, 1, { outputSize: sizes.filter((size): size is number => size !== null) });
    this.outputSize = sizes;
  }

  /** Columns before rows, so that the first of equal maxima is the first row by row. */
  protected pool(x: tf.Tensor4D, [rows, columns]: readonly (number | null)[], reduce: Reduce): tf.Tensor4D {
    const [, height, width] = x.shape;
    return adaptAxis(
      adaptAxis(x, { axis: 2, outputs: columns ?? width }, reduce),
      { axis: 1, outputs: rows ?? height },
      reduce,
    );
  }

  protected poolSequence(x: tf.Tensor, reduce: Reduce): tf.Tensor3D {
    checkInput(this, x, { rank: 3, expected: '(N, L, C)' });
    return tf.squeeze(this.pool(tf.expandDims(x, 1), [1, ...this.outputSize], reduce), [1]);
  }

  protected poolImage(x: tf.Tensor, reduce: Reduce): tf.Tensor4D {
    checkInput(this, x, { rank: 4, expected: '(N, H, W, C)' });
    return this.pool(x as tf.Tensor4D, this.outputSize, reduce);
  }

  /** The depth last, so that the first of equal maxima is the first in memory. */
  protected poolVolume(x: tf.Tensor, reduce: Reduce): tf.Tensor5D {
    checkInput(this, x, { rank: 5, expected: '(N, D, H, W, C)' });
    const [batch, depth, height, width, channels] = x.shape as [number, number, number, number, number];
    const [deep, ...rest] = this.outputSize;
    const slices = this.pool(tf.reshape(x, [batch * depth, height, width, channels]), rest, reduce);
    const [, tall, wide] = slices.shape;
    const columns = tf.reshape(slices, [batch, depth, tall * wide, channels]) as tf.Tensor4D;
    const volume = adaptAxis(columns, { axis: 1, outputs: deep ?? depth }, reduce);
    return tf.reshape(volume, [batch, volume.shape[1], tall, wide, channels]);
  }
}

/** Mean over `outputSize` windows that cover the sequence: (N, L, C) → (N, outputSize, C). */
export class AdaptiveAvgPool1d extends AdaptivePool<readonly [length: number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: number | readonly [length: number]) {
    super(outputSize, 1);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    return this.poolSequence(x, average);
  }
}

/** Maximum over `outputSize` windows that cover the sequence: (N, L, C) → (N, outputSize, C). */
export class AdaptiveMaxPool1d extends AdaptivePool<readonly [length: number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: number | readonly [length: number]) {
    super(outputSize, 1);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    return this.poolSequence(x, maximum);
  }
}

/** Mean over a grid of `outputSize` windows that cover the image: (N, H, W, C) → (N, ...outputSize, C). Null keeps an extent. */
export class AdaptiveAvgPool2d extends AdaptivePool<readonly [number, number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: Pair | readonly [height: number | null, width: number | null]) {
    super(outputSize, 2);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    const isGlobal = this.outputSize.every((size) => size === 1);
    if (isGlobal && x.rank === 4 && x.dtype === 'float32') return tf.mean(x, [1, 2], true);
    return this.poolImage(x, average);
  }
}

/** Maximum over a grid of `outputSize` windows that cover the image: (N, H, W, C) → (N, ...outputSize, C). Null keeps an extent. */
export class AdaptiveMaxPool2d extends AdaptivePool<readonly [number, number]> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: Pair | readonly [height: number | null, width: number | null]) {
    super(outputSize, 2);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    return this.poolImage(x, maximum);
  }
}

/** Mean over a grid of `outputSize` windows that cover the volume: (N, D, H, W, C) → (N, ...outputSize, C). Null keeps an extent. */
export class AdaptiveAvgPool3d extends AdaptivePool<Three> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: Size<Three>) {
    super(outputSize, 3);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor5D {
    return this.poolVolume(x, average);
  }
}

/** Maximum over a grid of `outputSize` windows that cover the volume: (N, D, H, W, C) → (N, ...outputSize, C). Null keeps an extent. */
export class AdaptiveMaxPool3d extends AdaptivePool<Three> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: Size<Three>) {
    super(outputSize, 3);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor5D {
    return this.poolVolume(x, maximum);
  }
}

function adaptAxis(
  x: tf.Tensor4D,
  { axis, outputs }: { readonly axis: 1 | 2; readonly outputs: number },
  reduce: Reduce,
): tf.Tensor4D {
  const extent = x.shape[axis];
  if (outputs === extent) return x;
  if (extent % outputs === 0) return reduce(x, axis, extent / outputs);
  const parts = Array.from({ length: outputs }, (_, i) => {
    const from = Math.floor((i * extent) / outputs);
    const window = Math.ceil(((i + 1) * extent) / outputs) - from;
    const [begin, size] = [[0, 0, 0, 0], [...x.shape]] as [[number, number, number, number], typeof x.shape];
    begin[axis] = from;
    size[axis] = window;
    return reduce(tf.slice(x, begin, size), axis, window);
  });
  return tf.concat(parts, axis);
}
