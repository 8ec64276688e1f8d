import type * as tf from '@tensorflow/tfjs-core';

export interface OpInput {
  readonly shape: readonly number[];
  /** `spaced` (default): distinct values around 0, none near it, so that no kink is crossed. `positive`: from 0.3 up. `index`: int32 below `below`, not differentiated. */
  readonly values?: 'spaced' | 'positive' | 'index';
  readonly below?: number;
}

export interface OpCase {
  readonly name: string;
  readonly inputs: readonly OpInput[];
  run(...inputs: tf.Tensor[]): tf.Tensor;
}

/** A case on spaced values. */
export const op = (
  name: string,
  shapes: readonly (readonly number[])[],
  run: (...inputs: tf.Tensor[]) => tf.Tensor,
): OpCase => ({
  name,
  inputs: shapes.map((shape) => ({ shape })),
  run,
});

/** A case on positive values. */
export const positive = (
  name: string,
  shapes: readonly (readonly number[])[],
  run: (...inputs: tf.Tensor[]) => tf.Tensor,
): OpCase => ({
  name,
  inputs: shapes.map((shape) => ({ shape, values: 'positive' })),
  run,
});
