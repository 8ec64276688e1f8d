import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';

type Schema = StandardSchemaV1<object, object>;

/** Makes an entry of kind `paramScheduler`. `I` names the options type in compiler messages. */
export function defineParamScheduler<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'paramScheduler', N, S>): Entry<'paramScheduler', N, I> {
  return defineEntry<'paramScheduler', N, S, I>('paramScheduler', definition);
}
