import { batchNormTrain } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { Buffer } from '../buffer.js';
import { badOption, checkInput, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { constant } from '../initializers.js';
import { Module, type ModuleRole } from '../module.js';
import { Parameter } from '../parameter.js';

export interface BatchNorm2dOptions {
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
 * Batch normalisation of NHWC images (N, H, W, numFeatures), as PyTorch's: training normalises by the batch's statistics and moves
 * the running ones (with the unbiased variance), evaluation normalises by the running ones.
 */
export class BatchNorm2d extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Buffer | undefined;
  readonly runningVar: Buffer | undefined;
  readonly numBatchesTracked: Buffer | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numFeatures: number, options: BatchNorm2dOptions = {}) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    checkIntegers('BatchNorm2d', 1, { numFeatures });
    if (!(eps >= 0)) throw badOption('BatchNorm2d', 'eps to be at least 0', `eps = ${eps}`);
    if (momentum !== null && !(momentum >= 0 && momentum <= 1))
      throw badOption('BatchNorm2d', 'momentum in [0, 1] or null', `momentum = ${momentum}`);
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

  override get role(): ModuleRole {
    return 'norm';
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward(x: tf.Tensor): tf.Tensor4D {
    checkInput(this, x, { rank: 4, last: this.numFeatures, expected: `(N, H, W, ${this.numFeatures})` });
    const gamma = (this.weight?.value ?? tf.ones([this.numFeatures])) as tf.Tensor1D;
    const beta = (this.bias?.value ?? tf.zeros([this.numFeatures])) as tf.Tensor1D;
    if (!this.training && this.runningMean !== undefined && this.runningVar !== undefined) {
      const [mean, variance] = [
        this.runningMean.value as tf.Tensor as tf.Tensor1D,
        this.runningVar.value as tf.Tensor as tf.Tensor1D,
      ];
      return tf.batchNorm(x as tf.Tensor4D, mean, variance, beta, gamma, this.eps);
    }
    const count = x.size / this.numFeatures;
    if (this.training && count < 2) throw tooSmall(this, x);
    const { y, mean, var: variance } = batchNormTrain(x, gamma, beta, this.eps);
    if (this.training) this.#track(mean, tf.mul(variance, count / (count - 1)));
    return y as tf.Tensor4D;
  }

  #track(mean: tf.Tensor, variance: tf.Tensor): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (runningMean === undefined || runningVar === undefined || numBatchesTracked === undefined) return;
    const batches = numBatchesTracked.value;
    batches.assign(tf.add(batches, tf.scalar(1, 'int32')));
    const factor = this.momentum ?? tf.div(1, tf.cast(batches, 'float32'));
    for (const [running, batch] of [
      [runningMean.value, mean],
      [runningVar.value, variance],
    ] as const) {
      running.assign(tf.add(running, tf.mul(tf.sub(batch, running), factor)));
    }
  }
}

function tooSmall(layer: BatchNorm2d, x: tf.Tensor): Error {
  return modelErrors.BATCH_TOO_SMALL({
    subject: layerName(layer),
    expected: 'more than one value per channel while training',
    received: `input of shape (${x.shape.join(', ')})`,
    action: 'use larger batches, drop the last incomplete one (dropLast), or call eval() on this layer',
  });
}
