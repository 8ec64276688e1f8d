import { standardize } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers } from '../check-input.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkNormOptions, tooSmall } from './channel-norm.js';

export interface GroupNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number;
  /** Learns a scale and a shift for each channel; default true. */
  readonly affine?: boolean;
}

/** Normalises groups of channels of each sample: (N, ..., numChannels) → the same. Wu and He 2018. */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numGroups: number, numChannels: number, { eps = 1e-5, affine = true }: GroupNormOptions = {}) {
    super();
    checkIntegers('GroupNorm', 1, { numGroups, numChannels });
    checkNormOptions('GroupNorm', { eps });
    if (numChannels % numGroups !== 0) {
      throw badOption('GroupNorm', 'numChannels to be a multiple of numGroups', `${numChannels} and ${numGroups}`);
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    if (affine) {
      this.weight = new Parameter([numChannels], constant(1));
      this.bias = new Parameter([numChannels], constant(0));
    }
  }

  override get role(): 'norm' {
    return 'norm';
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_BATCH_TOO_SMALL` */
  forward<T extends tf.Tensor>(x: T): T {
    const { numGroups, numChannels, weight, bias } = this;
    checkInput(this, x, {
      rank: Math.max(2, x.rank),
      last: numChannels,
      expected: `(N, ..., ${numChannels})`,
    });
    if (x.size === numGroups) throw tooSmall(this, x); // one value a group: PyTorch refuses, too
    const samples = x.shape[0] as number;
    const slices = tf.reshape(x, [samples, -1, numGroups, numChannels / numGroups]) as tf.Tensor4D;
    const standard = tf.reshape(standardize(slices, this.eps).y, x.shape);
    return (weight === undefined || bias === undefined
      ? standard
      : tf.add(tf.mul(standard, weight.value), bias.value)) as tf.Tensor as T;
  }
}
