import { standardize } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkInput } from '../check-input.js';
import { type BatchNormOptions, ChannelNorm, moveTowards, tooSmall } from './channel-norm.js';

export interface InstanceNormOptions extends BatchNormOptions {
  /** Learns a scale and a shift for each channel; default false. */
  readonly affine?: boolean;
  /** Keeps running statistics and normalises by them in evaluation; default false. */
  readonly trackRunningStats?: boolean;
}

/** Normalises each channel of each sample by itself. Ulyanov, Vedaldi and Lempitsky 2016. As in PyTorch, null as momentum freezes running statistics; batches are not counted. */
abstract class InstanceNorm extends ChannelNorm {
  constructor(numFeatures: number, options: InstanceNormOptions) {
    super(numFeatures, options, false);
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
