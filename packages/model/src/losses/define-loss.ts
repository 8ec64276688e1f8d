import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module.js';

/** A loss as a part of a model: tensors in, a scalar out unless its reduction is `none`. */
export interface Loss extends Module {
  forward(...operands: tf.Tensor[]): tf.Tensor;
}

declare module '@engine/core' {
  interface Kinds {
    loss: Loss;
  }
}

type Schema = StandardSchemaV1<object, object>;

/** Makes a loss that configs can name: `{ type: 'MyLoss', ... }` once registered, `{ type: MyLoss, ... }` at once. */
export function defineLoss<const N extends string, S extends Schema, I extends object = StandardSchemaV1.InferInput<S>>(
  definition: EntryDefinition<'loss', N, S>,
): Entry<'loss', N, I> {
  return defineEntry<'loss', N, S, I>('loss', definition);
}

/** A module that calls a loss function with the options it was made with. */
export abstract class LossModule<O extends object> extends Module {
  readonly options: Readonly<O>;

  constructor(options: O = {} as O) {
    super();
    this.options = options;
  }
}
