import { batchNormTrain } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkInput } from '../check-input.js';
import { type BatchNormOptions, ChannelNorm, moveTowards, tooSmall } from './channel-norm.js';

/**
 * What all batch norms do, whatever the rank: normalises over all axes but the last, as PyTorch. Training normalises by the batch's
 * statistics and moves the running ones (with the unbiased variance), evaluation normalises by the running ones.
 */
export abstract class BatchNorm extends ChannelNorm {
  constructor(numFeatures: number, options: BatchNormOptions) {
    super(numFeatures, options, true);
  }

  protected normalize<T extends tf.Tensor>(x: T): T {
    const { runningMean, runningVar, numFeatures, weight, bias } = this;
    const gamma = (weight?.value ?? tf.ones([numFeatures])) as tf.Tensor1D;
    const beta = (bias?.value ?? tf.zeros([numFeatures])) as tf.Tensor1D;
    if (!this.training && runningMean !== undefined && runningVar !== undefined) {
      const rows = tf.reshape(x, [1, 1, -1, numFeatures]) as tf.Tensor4D;
      const [mean, variance] = [runningMean.value, runningVar.value] as tf.Tensor[] as [tf.Tensor1D, tf.Tensor1D];
      return tf.reshape(tf.batchNorm(rows, mean, variance, beta, gamma, this.eps), x.shape) as tf.Tensor as T;
    }
    const count = x.size / numFeatures;
    if (this.training && count < 2) throw tooSmall(this, x);
    const { y, mean, var: variance } = batchNormTrain(x, gamma, beta, this.eps);
    if (this.training) this.#track(mean, tf.mul(variance, count / (count - 1)));
    return y as T;
  }

  #track(mean: tf.Tensor, variance: tf.Tensor): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (runningMean === undefined || runningVar === undefined || numBatchesTracked === undefined) return;
    const batches = numBatchesTracked.value;
    batches.assign(tf.add(batches, tf.scalar(1, 'int32')));
    const factor = this.momentum ?? tf.div(1, tf.cast(batches, 'float32'));
    moveTowards(runningMean, mean, factor);
    moveTowards(runningVar, variance, factor);
  }
}

/** Batch normalisation of (N, numFeatures) or sequences (N, L, numFeatures). */
export class BatchNorm1d extends BatchNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor {
    const { numFeatures } = this;
    const expected = `(N, ${numFeatures}) or (N, L, ${numFeatures})`;
    checkInput(this, x, { rank: x.rank === 2 ? 2 : 3, last: numFeatures, expected });
    return this.normalize(x);
  }
}

/** Batch normalisation of NHWC images (N, H, W, numFeatures). */
export class BatchNorm2d extends BatchNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor4D {
    checkInput(this, x, { rank: 4, last: this.numFeatures, expected: `(N, H, W, ${this.numFeatures})` });
    return this.normalize(x as tf.Tensor4D);
  }
}

/** Batch normalisation of volumes (N, D, H, W, numFeatures). */
export class BatchNorm3d extends BatchNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor5D {
    checkInput(this, x, { rank: 5, last: this.numFeatures, expected: `(N, D, H, W, ${this.numFeatures})` });
    return this.normalize(x as tf.Tensor5D);
  }
}

/** Batch normalisation of any (N, ..., numFeatures). What `revertSyncBatchNorm` puts in the place of a `SyncBatchNorm`. */
export class BatchNormXd extends BatchNorm {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward<T extends tf.Tensor>(x: T): T {
    checkInput(this, x, {
      rank: Math.max(2, x.rank),
      last: this.numFeatures,
      expected: `(N, ..., ${this.numFeatures})`,
    });
    return this.normalize(x);
  }
}

/** Batch normalisation of any (N, ..., numFeatures), by statistics of all processes; one process is all there is here, so it is a BatchNorm. */
export class SyncBatchNorm extends BatchNormXd {}
