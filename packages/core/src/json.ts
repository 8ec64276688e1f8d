import type { HostArray } from './host-array.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A state that travels in a checkpoint: plain JSON and named arrays (int64 arrays come back as int64). */
export interface SavedState {
  readonly values: JsonObject;
  readonly tensors: ReadonlyMap<string, HostArray>;
}
