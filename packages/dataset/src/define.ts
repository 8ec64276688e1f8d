import {
  type Built,
  defineEntry,
  type Entry,
  type EntryDefinition,
  type Kind,
  type StandardSchemaV1,
} from '@engine/core/plain';
import { named } from './naming.js';
import './contract.js';

type Schema = StandardSchemaV1<object, object>;
type Input<S extends Schema> = StandardSchemaV1.InferInput<S>;

/** Makes a dataset that configs can name and a worker can rebuild (when `module` is given). */
export function defineDataset<const N extends string, S extends Schema, I extends object = Input<S>>(
  definition: EntryDefinition<'dataset', N, S>,
): Entry<'dataset', N, I> {
  return defineNamed<'dataset', N, S, I>('dataset', definition);
}

/** Makes a transform that configs can name. */
export function defineTransform<const N extends string, S extends Schema, I extends object = Input<S>>(
  definition: EntryDefinition<'transform', N, S>,
): Entry<'transform', N, I> {
  return defineNamed<'transform', N, S, I>('transform', definition);
}

/** Makes a sampler that configs can name; `ctx.args` holds dataset, seed, rank and world size. */
export function defineDataSampler<const N extends string, S extends Schema, I extends object = Input<S>>(
  definition: EntryDefinition<'dataSampler', N, S>,
): Entry<'dataSampler', N, I> {
  return defineEntry<'dataSampler', N, S, I>('dataSampler', definition);
}

/** Makes a batch sampler that configs can name; `ctx.args` holds dataset, sampler, batch size and `dropLast`. */
export function defineBatchSampler<const N extends string, S extends Schema, I extends object = Input<S>>(
  definition: EntryDefinition<'batchSampler', N, S>,
): Entry<'batchSampler', N, I> {
  return defineEntry<'batchSampler', N, S, I>('batchSampler', definition);
}

/** Makes a collate function that configs can name. */
export function defineCollate<const N extends string, S extends Schema, I extends object = Input<S>>(
  definition: EntryDefinition<'collate', N, S>,
): Entry<'collate', N, I> {
  return defineEntry<'collate', N, S, I>('collate', definition);
}

/** Makes a function that workers call when they start; configs name it as `workerInitFn`. It needs `module`, or no worker finds it. */
export function defineWorkerInitFn<const N extends string, S extends Schema, I extends object = Input<S>>(
  definition: EntryDefinition<'workerInitFn', N, S>,
): Entry<'workerInitFn', N, I> {
  return defineEntry<'workerInitFn', N, S, I>('workerInitFn', definition);
}

function defineNamed<K extends Kind & ('dataset' | 'transform'), N extends string, S extends Schema, I extends object>(
  kind: K,
  definition: EntryDefinition<K, N, S>,
): Entry<K, N, I> {
  const create: EntryDefinition<K, N, S>['create'] = (options, ctx) =>
    named<Built<K>>(definition.create(options, ctx), definition.name);
  return defineEntry<K, N, S, I>(kind, { ...definition, create });
}
