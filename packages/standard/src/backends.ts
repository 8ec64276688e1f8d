import type { wasmEntry } from '@engine/backend-wasm';

// Backends stand on core alone and know no registry, so their names are made known here.
declare module '@engine/registry' {
  interface Backends {
    wasm: typeof wasmEntry;
  }
}
