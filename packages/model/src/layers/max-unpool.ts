import { sizeOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers, type Extents, extentsOf, layerName, type Pair } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { Module } from '../module.js';
import type { Two } from './convolve.js';

type One = readonly [length: number];
type Three = readonly [depth: number, height: number, width: number];

export interface MaxUnpoolOptions<T extends readonly number[] = Two<number>> {
  /** Default: the kernel size. */
  readonly stride?: Extents<T>;
  /** Default 0. */
  readonly padding?: Extents<T>;
}

/**
 * Puts values back where a max pool found them, zeros elsewhere. Where several say the same place, their mean stands there: for the
 * maxima of overlapping windows, which are equal, that is the maximum.
 */
abstract class MaxUnpool<T extends readonly number[]> extends Module {
  readonly kernelSize: T;
  readonly stride: T;
  readonly padding: T;

  constructor(axes: number, kernelSize: Extents<T>, { stride = kernelSize, padding = 0 }: MaxUnpoolOptions<T>) {
    super();
    const name = new.target.name;
    checkIntegers(name, 1, { kernelSize, stride });
    checkIntegers(name, 0, { padding });
    this.kernelSize = extentsOf<T>(name, axes, { kernelSize });
    this.stride = extentsOf<T>(name, axes, { stride });
    this.padding = extentsOf<T>(name, axes, { padding });
  }

  /** `indices` (int32, shaped as x) count the places of one image from 0; see `withIndices` of the max pools. */
  protected unpool(x: tf.Tensor, indices: tf.Tensor, outputSize?: readonly number[]): tf.Tensor {
    const axes = this.kernelSize.length;
    checkInput(this, x, { rank: axes + 2, expected: `(N, ${['', 'L', 'H, W', 'D, H, W'][axes]}, C)` });
    this.#checkIndices(x, indices);
    return scattered(x, indices, outputSize ?? this.#extents(x));
  }

  #extents(x: tf.Tensor): number[] {
    return this.kernelSize.map(
      (kernel, axis) =>
        ((x.shape[axis + 1] as number) - 1) * (this.stride[axis] as number) -
        2 * (this.padding[axis] as number) +
        kernel,
    );
  }

  #checkIndices(x: tf.Tensor, indices: tf.Tensor): void {
    if (indices.dtype === 'int32' && tf.util.arraysEqual(x.shape, indices.shape)) return;
    throw modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: `int32 indices of shape (${x.shape.join(', ')}), as the input`,
      received: `(${indices.shape.join(', ')}) ${indices.dtype}`,
      action: 'pass the indices that withIndices of the max pool gave for this input',
    });
  }
}

/** The gradient of a value is that of its place; indices, which may come from the same pool, have none. */
function scattered(x: tf.Tensor, indices: tf.Tensor, extents: readonly number[]): tf.Tensor {
  const [batch, channels, places] = [x.shape[0] as number, x.shape.at(-1) as number, sizeOf(extents)];
  const scatter = tf.customGrad((values, at, save) => {
    const segments = slotsOf(at as tf.Tensor, { batch, places, channels });
    (save as tf.GradSaveFunc)([segments]);
    const sum = (each: tf.Tensor): tf.Tensor =>
      tf.unsortedSegmentSum(tf.reshape(each, [-1]), segments, batch * places * channels);
    const [total, count] = [sum(values as tf.Tensor), sum(tf.onesLike(values as tf.Tensor))];
    const value = tf.reshape(tf.div(total, tf.maximum(count, 1)), [batch, ...extents, channels]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [slots]: tf.Tensor[]) => [
        tf.reshape(tf.gather(tf.reshape(dy, [-1]), slots as tf.Tensor1D), x.shape),
        tf.zeros(x.shape),
      ],
    };
  });
  return scatter(x, indices);
}

interface Extent {
  readonly batch: number;
  readonly places: number;
  readonly channels: number;
}

/** Where each value goes in the whole output. */
function slotsOf(indices: tf.Tensor, { batch, places, channels }: Extent): tf.Tensor1D {
  const images = tf.reshape(tf.range(0, batch, 1, 'int32'), [batch, 1, 1]);
  const place = tf.add(tf.mul(images, tf.scalar(places, 'int32')), tf.reshape(indices, [batch, -1, channels]));
  const slots = tf.add(tf.mul(place, tf.scalar(channels, 'int32')), tf.range(0, channels, 1, 'int32'));
  return tf.reshape(slots, [-1]);
}

/** The partial inverse of `MaxPool1d`: (N, L, C) and its indices → (N, L', C). */
export class MaxUnpool1d extends MaxUnpool<One> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Extents<One>, options: MaxUnpoolOptions<One> = {}) {
    super(1, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, indices: tf.Tensor, outputSize?: One): tf.Tensor3D {
    return this.unpool(x, indices, outputSize) as tf.Tensor3D;
  }
}

/** The partial inverse of `MaxPool2d`: (N, H, W, C) and its indices → (N, H', W', C). */
export class MaxUnpool2d extends MaxUnpool<Two<number>> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Pair, options: MaxUnpoolOptions = {}) {
    super(2, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, indices: tf.Tensor, outputSize?: Two<number>): tf.Tensor4D {
    return this.unpool(x, indices, outputSize) as tf.Tensor4D;
  }
}

/** The partial inverse of `MaxPool3d`: (N, D, H, W, C) and its indices → (N, D', H', W', C). */
export class MaxUnpool3d extends MaxUnpool<Three> {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Extents<Three>, options: MaxUnpoolOptions<Three> = {}) {
    super(3, kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor, indices: tf.Tensor, outputSize?: Three): tf.Tensor5D {
    return this.unpool(x, indices, outputSize) as tf.Tensor5D;
  }
}
