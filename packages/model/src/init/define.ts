import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import './contract.js';

/** Makes an initialiser that `initCfg` can name: `initCfg: { type: 'MyInit', layer: 'Conv2d' }` once registered. */
export function defineWeightInitializer<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'weightInitializer', N, S>): Entry<'weightInitializer', N, I> {
  return defineEntry<'weightInitializer', N, S, I>('weightInitializer', definition);
}
