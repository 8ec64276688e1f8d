import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import './contract.js';

type Schema = StandardSchemaV1<object, object>;

/** Makes a model that configs can name: `{ type: 'MyModel', ... }` once registered, `{ type: MyModel, ... }` at once. */
export function defineModel<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'model', N, S>): Entry<'model', N, I> {
  return defineEntry<'model', N, S, I>('model', definition);
}

/** Makes a data preprocessor that configs can name. */
export function defineDataPreprocessor<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'dataPreprocessor', N, S>): Entry<'dataPreprocessor', N, I> {
  return defineEntry<'dataPreprocessor', N, S, I>('dataPreprocessor', definition);
}
