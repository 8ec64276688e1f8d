import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import './contract.js';

/** Makes a batch augmentation that a data preprocessor's `batchAugments` can name. */
export function defineBatchAugment<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'batchAugment', N, S>): Entry<'batchAugment', N, I> {
  return defineEntry<'batchAugment', N, S, I>('batchAugment', definition);
}
