import { defineEntry, type Entry, type EntryDefinition, type StandardSchemaV1 } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import type {} from './contract.js';

/** What a visualization backend gets besides its options. */
export interface VisBackendArgs {
  /** Where files of the run go. */
  readonly storage: StorageBackend;
}

/** What a visualizer gets besides its options. */
export interface VisualizerArgs extends VisBackendArgs {
  /** The run's own folder. */
  readonly saveDir: string;
  readonly experimentName: string;
}

/** Makes a visualization backend that configs can name. */
export function defineVisBackend<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: EntryDefinition<'visBackend', N, S>): Entry<'visBackend', N, I> {
  return defineEntry<'visBackend', N, S, I>('visBackend', definition);
}

declare module '@engine/core' {
  interface BuildArgs {
    visBackend: VisBackendArgs;
    visualizer: VisualizerArgs;
  }
}
