import * as tf from '@tensorflow/tfjs-core';
import { badOption, type Extents, type Pair } from '../check-input.js';
import { Module } from '../module.js';
import type { Two } from './convolve.js';
import { AvgPool1d, AvgPool2d, AvgPool3d } from './pooling.js';

type One = readonly [length: number];
type Three = readonly [depth: number, height: number, width: number];

export interface LPPoolOptions<T extends readonly number[] = Two<number>> {
  /** Default: the kernel size. */
  readonly stride?: Extents<T>;
  /** Keeps a last, partial window, scaled up as if it were whole; default false. */
  readonly ceilMode?: boolean;
}

/** The `normType`-norm of windows. */
abstract class LPPool extends Module {
  readonly normType: number;
  readonly #mean: AvgPool1d | AvgPool2d | AvgPool3d;

  constructor(normType: number, mean: AvgPool1d | AvgPool2d | AvgPool3d) {
    super();
    if (!(normType > 0)) throw badOption(new.target.name, 'normType above 0', `normType = ${normType}`);
    this.normType = normType;
    this.#mean = mean;
  }

  protected norm(x: tf.Tensor): tf.Tensor {
    const powers = this.normType === 2 ? tf.square(x) : tf.pow(x, this.normType);
    const elements = this.#mean.kernelSize.reduce<number>((product, extent) => product * extent, 1);
    const sums = tf.mul(this.#mean.apply(powers), elements);
    return this.normType === 2 ? tf.sqrt(sums) : tf.pow(sums, 1 / this.normType);
  }
}

/** The norm over windows of sequences: (N, L, C) → (N, L', C). */
export class LPPool1d extends LPPool {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(normType: number, kernelSize: Extents<One>, options: LPPoolOptions<One> = {}) {
    super(normType, new AvgPool1d(kernelSize, options));
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor3D {
    return this.norm(x) as tf.Tensor3D;
  }
}

/** The norm over windows of NHWC images: (N, H, W, C) → (N, H', W', C). */
export class LPPool2d extends LPPool {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(normType: number, kernelSize: Pair, options: LPPoolOptions<Two<number>> = {}) {
    super(normType, new AvgPool2d(kernelSize, options));
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor4D {
    return this.norm(x) as tf.Tensor4D;
  }
}

/** The norm over windows of volumes: (N, D, H, W, C) → (N, D', H', W', C). */
export class LPPool3d extends LPPool {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(normType: number, kernelSize: Extents<Three>, options: LPPoolOptions<Three> = {}) {
    super(normType, new AvgPool3d(kernelSize, options));
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor5D {
    return this.norm(x) as tf.Tensor5D;
  }
}
