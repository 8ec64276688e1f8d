import * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module.js';

/** Passes its input on. */
export class Identity extends Module {
  forward<T extends tf.Tensor>(x: T): T {
    return x;
  }
}

/** (N, H, W, C) → (N, C * H * W) in PyTorch's order (C, H, W), so that weights of the layer that follows mean the same; free when H = W = 1 or C = 1. */
export class Flatten extends Module {
  forward(x: tf.Tensor): tf.Tensor2D {
    const [batch = 1, ...rest] = x.shape;
    const channels = rest.at(-1) ?? 1;
    const inner = rest.slice(0, -1);
    const isFree = channels === 1 || inner.every((extent) => extent === 1);
    const ordered = isFree ? x : tf.transpose(x, [0, x.rank - 1, ...inner.map((_, i) => i + 1)]);
    return tf.reshape(ordered, [batch, channels * inner.reduce((size, extent) => size * extent, 1)]);
  }
}
