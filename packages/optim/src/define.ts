import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import './constructors/contract.js';

type Schema = StandardSchemaV1<object, object>;

/** Makes an entry of kind `optimizer`. `I` names the options type in compiler messages. */
export function defineOptimizer<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'optimizer', N, S>): Entry<'optimizer', N, I> {
  return defineEntry<'optimizer', N, S, I>('optimizer', definition);
}

/** Makes an entry of kind `optimWrapper`. `I` names the options type in compiler messages. */
export function defineOptimWrapper<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'optimWrapper', N, S>): Entry<'optimWrapper', N, I> {
  return defineEntry<'optimWrapper', N, S, I>('optimWrapper', definition);
}

/** Makes an entry of kind `optimWrapperConstructor`, whose options are those of `paramwiseCfg`. `I` names their type in compiler messages. */
export function defineOptimWrapperConstructor<
  const N extends string,
  S extends Schema,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'optimWrapperConstructor', N, S>): Entry<'optimWrapperConstructor', N, I> {
  return defineEntry<'optimWrapperConstructor', N, S, I>('optimWrapperConstructor', definition);
}
