import * as tf from '@tensorflow/tfjs-core';
import { checkInput, checkIntegers, extentsOf, layerName, type Pair } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { Module } from '../module.js';
import { tooShort } from './conv.js';
import type { Two } from './convolve.js';
import { spreadAxis } from './spread.js';

export interface SlidingBlocksOptions {
  /** Default 1. */
  readonly dilation?: Pair;
  /** Zeros on both sides of each axis; default 0. */
  readonly padding?: Pair;
  /** Default 1. */
  readonly stride?: Pair;
}

abstract class SlidingBlocks extends Module {
  readonly kernelSize: Two<number>;
  readonly dilation: Two<number>;
  readonly padding: Two<number>;
  readonly stride: Two<number>;

  constructor(kernelSize: Pair, { dilation = 1, padding = 0, stride = 1 }: SlidingBlocksOptions) {
    super();
    const name = new.target.name;
    checkIntegers(name, 1, { kernelSize, dilation, stride });
    checkIntegers(name, 0, { padding });
    this.kernelSize = extentsOf<Two<number>>(name, 2, { kernelSize });
    this.dilation = extentsOf<Two<number>>(name, 2, { dilation });
    this.padding = extentsOf<Two<number>>(name, 2, { padding });
    this.stride = extentsOf<Two<number>>(name, 2, { stride });
  }

  /** How many blocks fit along each axis of an image. */
  protected counts(extents: readonly number[]): Two<number> {
    const along = (axis: 0 | 1): number => {
      const span = this.dilation[axis] * (this.kernelSize[axis] - 1) + 1;
      return Math.floor(((extents[axis] as number) + 2 * this.padding[axis] - span) / this.stride[axis]) + 1;
    };
    return [along(0), along(1)];
  }

  /** Distance of each place of the kernel from the first, row by row. */
  protected taps(): Two<number>[] {
    const [rows, columns] = this.kernelSize;
    return Array.from({ length: rows * columns }, (_, i) => [
      Math.floor(i / columns) * this.dilation[0],
      (i % columns) * this.dilation[1],
    ]);
  }
}

/**
 * Cuts an image into the blocks that a convolution sees: (N, H, W, C) → (N, L, C k), with k places in a block and L blocks, row by row.
 * A block lists its places channel by channel, as PyTorch's, which is (N, C k, L).
 */
export class Unfold extends SlidingBlocks {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(kernelSize: Pair, options: SlidingBlocksOptions = {}) {
    super(kernelSize, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    checkInput(this, x, { rank: 4, expected: '(N, H, W, C)' });
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const [rows, columns] = this.counts([height, width]);
    if (Math.min(rows, columns) < 1) throw tooShort(this, x, 'at least one block, padding included');
    const [down, across] = this.padding;
    const padded =
      down + across === 0
        ? x
        : tf.pad(x, [
            [0, 0],
            [down, down],
            [across, across],
            [0, 0],
          ]);
    const taps = this.taps().map(([top, left]) => {
      const end = [batch, top + (rows - 1) * this.stride[0] + 1, left + (columns - 1) * this.stride[1] + 1, channels];
      return tf.stridedSlice(padded, [0, top, left, 0], end, [1, this.stride[0], this.stride[1], 1]);
    });
    return tf.reshape(tf.stack(taps, 4), [batch, rows * columns, channels * taps.length]);
  }
}

/** Adds blocks up to an image where they overlap, the transpose of `Unfold`: (N, L, C k) → (N, ...outputSize, C). */
export class Fold extends SlidingBlocks {
  readonly outputSize: Two<number>;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(outputSize: Pair, kernelSize: Pair, options: SlidingBlocksOptions = {}) {
    super(kernelSize, options);
    checkIntegers('Fold', 1, { outputSize });
    this.outputSize = extentsOf<Two<number>>('Fold', 2, { outputSize });
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    const taps = this.taps();
    const [rows, columns] = this.counts(this.outputSize);
    checkInput(this, x, { rank: 3, expected: `(N, ${rows * columns}, C x ${taps.length})` });
    const [batch, blocks, values] = x.shape as [number, number, number];
    if (Math.min(rows, columns) < 1 || blocks !== rows * columns || values % taps.length !== 0)
      throw this.#mismatch(x, rows * columns);
    const channels = values / taps.length;
    const [tall, wide] = [0, 1].map(
      (axis) => (this.outputSize[axis] as number) + 2 * (this.padding[axis] as number),
    ) as [number, number];
    const places = tf.unstack(tf.reshape(x, [batch, rows, columns, channels, taps.length]), 4);
    const layers = places.map((place, i) => {
      const [top, left] = taps[i] as Two<number>;
      const spread = spreadAxis(spreadAxis(place, 1, this.stride[0]), 2, this.stride[1]);
      const [, height, width] = spread.shape as [number, number, number];
      return tf.pad(spread, [
        [0, 0],
        [top, tall - top - height],
        [left, wide - left - width],
        [0, 0],
      ]);
    });
    const begin = [0, ...this.padding, 0];
    return tf.slice(tf.addN(layers), begin, [batch, ...this.outputSize, channels]) as tf.Tensor4D;
  }

  #mismatch(x: tf.Tensor, blocks: number): Error {
    return modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: `(N, ${blocks}, C x ${this.taps().length}), the blocks of an image of ${this.outputSize.join(' x ')}`,
      received: `(${x.shape.join(', ')}) ${x.dtype}`,
      action: 'give outputSize and the options of the Unfold that made the blocks',
    });
  }
}
