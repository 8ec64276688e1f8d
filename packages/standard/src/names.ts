import type { wasmEntry } from '@engine/backend-wasm';
import type { httpStorageEntry, localStorageEntry, memoryStorageEntry } from '@engine/fileio';
import type { LogProcessor } from '@engine/logging';

// Packages below the registry cannot make the names of their entries known to the compiler; this one does it for them.
declare module '@engine/registry' {
  interface Backends {
    wasm: typeof wasmEntry;
  }
  interface LogProcessors {
    LogProcessor: typeof LogProcessor;
  }
  interface StorageBackends {
    HttpStorage: typeof httpStorageEntry;
    LocalStorage: typeof localStorageEntry;
    MemoryStorage: typeof memoryStorageEntry;
  }
}
