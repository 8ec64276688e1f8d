import { standardize } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { Buffer } from '../buffer.js';
import { checkInput, checkIntegers } from '../check-input.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { type BatchNormOptions, checkNormOptions, moveTowards, tooSmall } from './batch-norm.js';

export interface InstanceNormOptions extends BatchNormOptions {
  /** Learns a scale and a shift for each channel; default false. */
  readonly affine?: boolean;
  /** Keeps running statistics and normalises by them in evaluation; default false. */
  readonly trackRunningStats?: boolean;
}

/** Normalises each channel of each sample by itself. Ulyanov, Vedaldi and Lempitsky 2016. As in PyTorch, null as momentum freezes running statistics. */
abstract class InstanceNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Buffer | undefined;
  readonly runningVar: Buffer | undefined;
  /** Saved, as PyTorch does, but never counted up. */
  readonly numBatchesTracked: Buffer | undefined;

  constructor(numFeatures: number, options: InstanceNormOptions) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false } = options;
    checkIntegers(new.target.name, 1, { numFeatures });
    checkNormOptions(new.target.name, { eps, momentum });
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    if (affine) {
      this.weight = new Parameter([numFeatures], constant(1));
      this.bias = new Parameter([numFeatures], constant(0));
    }
    if (trackRunningStats) {
      this.runningMean = new Buffer([numFeatures], { stateName: 'running_mean' });
      this.runningVar = new Buffer([numFeatures], { fill: 1, stateName: 'running_var' });
      this.numBatchesTracked = new Buffer([], { dtype: 'int64', stateName: 'num_batches_tracked' });
    }
  }

  override get role(): 'norm' {
    return 'norm';
  }

  protected normalize<T extends tf.Tensor>(x: T): T {
    const standard = this.#standardize(x);
    return (
      this.weight === undefined || this.bias === undefined
        ? standard
        : tf.add(tf.mul(standard, this.weight.value), this.bias.value)
    ) as T;
  }

  #standardize(x: tf.Tensor): tf.Tensor {
    const { runningMean, runningVar, numFeatures } = this;
    if (!this.training && runningMean !== undefined && runningVar !== undefined)
      return tf.mul(tf.sub(x, runningMean.value), tf.rsqrt(tf.add(runningVar.value, this.eps)));
    const samples = x.shape[0] as number;
    const count = x.size / samples / numFeatures;
    if (count < 2) throw tooSmall(this, x);
    const slices = tf.reshape(x, [samples, count, numFeatures, 1]) as tf.Tensor4D;
    const { y, mean, var: variance } = standardize(slices, this.eps);
    if (this.training && runningMean !== undefined && runningVar !== undefined && this.momentum !== null) {
      const overSamples = (statistic: tf.Tensor): tf.Tensor =>
        tf.mean(tf.reshape(statistic, [samples, numFeatures]), 0);
      moveTowards(runningMean, overSamples(mean), this.momentum);
      moveTowards(runningVar, tf.mul(overSamples(variance), count / (count - 1)), this.momentum);
    }
    return tf.reshape(y, x.shape);
  }
}

/** Instance normalisation of sequences (N, L, numFeatures). */
export class InstanceNorm1d extends InstanceNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor3D {
    checkInput(this, x, { rank: 3, last: this.numFeatures, expected: `(N, L, ${this.numFeatures})` });
    return this.normalize(x as tf.Tensor3D);
  }
}

/** Instance normalisation of NHWC images (N, H, W, numFeatures). */
export class InstanceNorm2d extends InstanceNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor4D {
    checkInput(this, x, { rank: 4, last: this.numFeatures, expected: `(N, H, W, ${this.numFeatures})` });
    return this.normalize(x as tf.Tensor4D);
  }
}

/** Instance normalisation of volumes (N, D, H, W, numFeatures). */
export class InstanceNorm3d extends InstanceNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor5D {
    checkInput(this, x, { rank: 5, last: this.numFeatures, expected: `(N, D, H, W, ${this.numFeatures})` });
    return this.normalize(x as tf.Tensor5D);
  }
}
