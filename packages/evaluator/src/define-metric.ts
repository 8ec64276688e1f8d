import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import './contract.js';

/** Makes a metric that configs can name: `{ type: 'MyMetric', ... }` once registered, `{ type: MyMetric, ... }` at once. */
export function defineMetric<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'metric', N, S>): Entry<'metric', N, I> {
  return defineEntry<'metric', N, S, I>('metric', definition);
}
