/** Likeness and distance of vectors along one axis. */
import * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module.js';

export interface CosineSimilarityOptions {
  /** The axis of the vectors; default 1. */
  readonly dim?: number;
  /** Least length that a vector is divided by; default 1e-8. */
  readonly eps?: number;
}

/** The cosine between the vectors of two tensors, which broadcast; the axis is gone from the result. */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor({ dim = 1, eps = 1e-8 }: CosineSimilarityOptions = {}) {
    super();
    this.dim = dim;
    this.eps = eps;
  }

  forward(first: tf.Tensor, second: tf.Tensor): tf.Tensor {
    const unit = (x: tf.Tensor): tf.Tensor =>
      tf.div(x, tf.maximum(tf.sqrt(tf.sum(tf.square(x), this.dim, true)), this.eps));
    return tf.sum(tf.mul(unit(first), unit(second)), this.dim);
  }
}

export interface PairwiseDistanceOptions {
  /** Power of the norm; default 2. */
  readonly p?: number;
  /** Added to each difference; default 1e-6. */
  readonly eps?: number;
  /** Keeps the last axis, of extent 1; default false. */
  readonly keepdim?: boolean;
}

/** The norm of the difference of the vectors on the last axis: (..., D) and (..., D) → (...). */
export class PairwiseDistance extends Module {
  readonly p: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor({ p = 2, eps = 1e-6, keepdim = false }: PairwiseDistanceOptions = {}) {
    super();
    this.p = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  forward(first: tf.Tensor, second: tf.Tensor): tf.Tensor {
    return vectorNorm(tf.add(tf.sub(first, second), this.eps), this.p, this.keepdim);
  }
}

/** `(sum |x|^p)^(1/p)` over the last axis. */
export function vectorNorm(x: tf.Tensor, p: number, keepdim = false): tf.Tensor {
  if (p === 2) return tf.sqrt(tf.sum(tf.square(x), -1, keepdim));
  if (p === 1) return tf.sum(tf.abs(x), -1, keepdim);
  return tf.pow(tf.sum(tf.pow(tf.abs(x), p), -1, keepdim), 1 / p);
}
