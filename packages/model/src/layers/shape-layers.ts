import * as tf from '@tensorflow/tfjs-core';
import { checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { shapeText } from '../losses/reduction.js';
import { Module } from '../module.js';

/** Passes its input on. */
export class Identity extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return x;
  }
}

export interface FlattenOptions {
  /** First axis that is joined, negative from the end; default 1. */
  readonly startDim?: number;
  /** Last axis that is joined, negative from the end; default -1. */
  readonly endDim?: number;
}

/**
 * Joins axes. From 1 to the last, (N, H, W, C) → (N, C * H * W), in PyTorch's order (C, H, W), so that weights of the layer that follows
 * mean the same; free when H = W = 1 or C = 1. Other axes are counted in our layout and joined as they are.
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor({ startDim = 1, endDim = -1 }: FlattenOptions = {}) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor {
    const [start, end] = [axisOf(this, x, this.startDim), axisOf(this, x, this.endDim)];
    if (start > end) throw wrongAxes(this, x, `startDim ${this.startDim} before endDim ${this.endDim}`);
    const ordered = start === 1 && end === x.rank - 1 ? channelsFirst(x) : x;
    const { shape } = ordered;
    const joined = shape.slice(start, end + 1).reduce((size, extent) => size * extent, 1);
    return tf.reshape(ordered, [...shape.slice(0, start), joined, ...shape.slice(end + 1)]);
  }
}

/** (N, C, ...); x itself where the order of elements would not change. */
function channelsFirst(x: tf.Tensor): tf.Tensor {
  const inner = x.shape.slice(1, -1);
  const isFree = x.rank < 3 || x.shape.at(-1) === 1 || inner.every((extent) => extent === 1);
  return isFree ? x : tf.transpose(x, [0, x.rank - 1, ...inner.map((_, i) => i + 1)]);
}

/** Splits an axis of our layout into several: (..., n, ...) → (..., ...sizes, ...). One size may be -1, what is left. */
export class Unflatten extends Module {
  readonly dim: number;
  readonly sizes: readonly number[];

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(dim: number, sizes: readonly number[]) {
    super();
    checkIntegers('Unflatten', -1, { sizes });
    this.dim = dim;
    this.sizes = sizes;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
  forward(x: tf.Tensor): tf.Tensor {
    const axis = axisOf(this, x, this.dim);
    const extent = x.shape[axis] as number;
    const known = this.sizes.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
    const sizes = this.sizes.map((size) => (size === -1 ? extent / known : size));
    const product = sizes.reduce((size, part) => size * part, 1);
    if (product !== extent || !sizes.every(Number.isInteger))
      throw wrongAxes(this, x, `axis ${this.dim} to have ${this.sizes.join(' * ')} elements`);
    return tf.reshape(x, [...x.shape.slice(0, axis), ...sizes, ...x.shape.slice(axis + 1)]);
  }
}

/** An axis counted from 0. @throws `ENGINE_MODEL_SHAPE_MISMATCH` when x has no such axis. */
function axisOf(layer: Module, x: tf.Tensor, dim: number): number {
  const axis = dim < 0 ? dim + x.rank : dim;
  if (Number.isInteger(axis) && axis >= 0 && axis < x.rank) return axis;
  throw wrongAxes(layer, x, `an input with axis ${dim}`);
}

function wrongAxes(layer: Module, x: tf.Tensor, expected: string): Error {
  return modelErrors.SHAPE_MISMATCH({
    subject: layerName(layer),
    expected,
    received: shapeText(x),
    action: 'correct the axes, which are counted in our layout, (N, H, W, C) for images',
  });
}
