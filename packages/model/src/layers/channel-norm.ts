import * as tf from '@tensorflow/tfjs-core';
import { Buffer } from '../buffer.js';
import { badOption, checkIntegers, layerName } from '../check-input.js';
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

/** What batch and instance norms hold: a scale and a shift, and running statistics, of each channel. */
export abstract class ChannelNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: Buffer | undefined;
  readonly runningVar: Buffer | undefined;
  readonly numBatchesTracked: Buffer | undefined;

  /** `isWhole`: learns and tracks unless told otherwise. */
  constructor(numFeatures: number, options: BatchNormOptions, isWhole: boolean) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = isWhole, trackRunningStats = isWhole } = options;
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
}

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
