import { batchNormTrain } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { Buffer } from '../buffer.js';
import { badOption, checkInput, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number;
  /** Weight of the newest batch in the running statistics; null averages all batches alike. Default 0.1. */
  readonly momentum?: number | null;
  /** Learns a scale and a shift for each channel; default true. */
  readonly affine?: boolean;
  /** Keeps running statistics and normalises by them in evaluation; default true. */
  readonly trackRunningStats?: boolean;
}

/**
 * What all batch norms do, whatever the rank: normalises over all axes but the last, as PyTorch. Training normalises by the batch's
 * statistics and moves the running ones (with the unbiased variance), evaluation normalises by the running ones.
 */
export abstract class BatchNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Buffer | undefined;
  readonly runningVar: Buffer | undefined;
  readonly numBatchesTracked: Buffer | undefined;

  constructor(numFeatures: number, options: BatchNormOptions) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    const name = new.target.name;
    checkIntegers(name, 1, { numFeatures });
    checkNormOptions(name, { eps, momentum });
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

/** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
export function checkNormOptions(
  name: string,
  { eps, momentum }: { readonly eps: number; readonly momentum?: number | null },
): void {
  if (!(eps >= 0)) throw badOption(name, 'eps to be at least 0', `eps = ${eps}`);
  if (momentum !== undefined && momentum !== null && !(momentum >= 0 && momentum <= 1))
    throw badOption(name, 'momentum in [0, 1] or null', `momentum = ${momentum}`);
}

/** Moves running statistics by `factor` of the way to those of a batch. */
export function moveTowards({ value }: Buffer, batch: tf.Tensor, factor: number | tf.Tensor): void {
  value.assign(tf.add(value, tf.mul(tf.sub(batch, value), factor)));
}

/** The error of statistics over a single value. */
export function tooSmall(layer: Module, x: tf.Tensor): Error {
  return modelErrors.BATCH_TOO_SMALL({
    subject: layerName(layer),
    expected: 'more than one value per channel while training',
    received: `input of shape (${x.shape.join(', ')})`,
    action: 'use larger batches, drop the last incomplete one (dropLast), or call eval() on this layer',
  });
}
