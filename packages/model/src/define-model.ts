import { type BuildContext, defineEntry, type Entry, type StandardSchemaV1 } from '@engine/core';
import type { DataPreprocessor, TrainableModel } from './contract.js';

interface Definition<N extends string, S extends StandardSchemaV1<object, object>> {
  readonly name: N;
  /** Strict schema of the options. */
  readonly options: S;
  /** Import specifier by which other processes find the entry. */
  readonly module?: string;
  /** Default: the name. */
  readonly export?: string;
  /** One line for listings. */
  readonly doc?: string;
}

export interface ModelDefinition<N extends string, S extends StandardSchemaV1<object, object>>
  extends Definition<N, S> {
  create(options: StandardSchemaV1.InferOutput<S>, ctx: BuildContext<'model'>): TrainableModel;
}

/** Makes a model that configs can name: `{ type: 'MyModel', ... }` once registered, `{ type: MyModel, ... }` at once. */
export function defineModel<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: ModelDefinition<N, S>): Entry<'model', N, I> {
  return defineEntry<'model', N, S, I>('model', definition);
}

export interface DataPreprocessorDefinition<N extends string, S extends StandardSchemaV1<object, object>>
  extends Definition<N, S> {
  create(options: StandardSchemaV1.InferOutput<S>, ctx: BuildContext<'dataPreprocessor'>): DataPreprocessor;
}

/** Makes a data preprocessor that configs can name. */
export function defineDataPreprocessor<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: DataPreprocessorDefinition<N, S>): Entry<'dataPreprocessor', N, I> {
  return defineEntry<'dataPreprocessor', N, S, I>('dataPreprocessor', definition);
}
