import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import './contract.js';

type Schema = StandardSchemaV1<object, object>;

/** Makes averaged weights that configs can name, as `emaType` of the EMAHook. `I` names the options type in compiler messages. */
export function defineAveragedModel<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'averagedModel', N, S>): Entry<'averagedModel', N, I> {
  return defineEntry<'averagedModel', N, S, I>('averagedModel', definition);
}
