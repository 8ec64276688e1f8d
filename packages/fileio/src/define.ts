import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core/plain';
import type { StorageBackend } from './contract.js';

/** Makes a storage that configs can name: `storages: { s3: { type: 'S3Storage', ... } }`. */
export function defineStorage<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'storageBackend', N, S>): Entry<'storageBackend', N, I> {
  return defineEntry<'storageBackend', N, S, I>('storageBackend', definition);
}

declare module '@engine/core' {
  interface Kinds {
    storageBackend: StorageBackend;
  }
}
