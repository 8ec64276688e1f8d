import { type HostArray, hostArray } from '@engine/core';
import { fromTorchLayout, type Parameter, toTorchLayout } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { decode, type GoldenTensor } from '../harness/tensors.js';

/** (N, C, ...) → (N, ..., C); other ranks stay. */
export function channelsLast(x: tf.Tensor): tf.Tensor {
  return x.rank < 3 ? x : tf.transpose(x, [0, ...axes(2, x.rank), 1]);
}

/** (N, ..., C) → (N, C, ...); other ranks stay. */
export function channelsFirst(x: tf.Tensor): tf.Tensor {
  return x.rank < 3 ? x : tf.transpose(x, [0, x.rank - 1, ...axes(1, x.rank - 1)]);
}

function axes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Sets a weight to a value that PyTorch holds. */
export function loadTorch(parameter: Parameter, golden: GoldenTensor): void {
  const { data }: HostArray = decode(golden);
  const values = fromTorchLayout(data as Float32Array, parameter.shape, parameter.torchLayout);
  parameter.load(hostArray('float32', parameter.shape, values));
}

/** A weight's gradient in PyTorch's order. */
export function torchValues(gradient: tf.Tensor, { shape, torchLayout }: Parameter): Float32Array {
  return toTorchLayout(gradient.dataSync() as Float32Array, shape, torchLayout);
}
