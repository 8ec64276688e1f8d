import type * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module.js';

/** A module that maps one tensor to one tensor. */
export interface TensorModule extends Module {
  forward(x: tf.Tensor): tf.Tensor;
}

/** Applies modules one after the other; they are named by index: `0.weight`. */
export class Sequential extends Module {
  readonly layers: readonly TensorModule[];

  constructor(...layers: readonly TensorModule[]) {
    super();
    this.layers = layers;
  }

  forward(x: tf.Tensor): tf.Tensor {
    let y = x;
    for (const layer of this.layers) y = layer.apply(y);
    return y;
  }

  override parts(): Iterable<readonly [name: string, value: unknown]> {
    return Object.entries(this.layers);
  }
}
