/** Bytes by path. A run has one: `LocalStorage` unless its runtime brings another. */
export interface StorageBackend {
  readonly name: string;
  /** @throws `ENGINE_FILEIO_NOT_FOUND` */
  get(path: string): Promise<Uint8Array>;
  put(path: string, chunks: Uint8Array | Iterable<Uint8Array>): Promise<void>;
  /**
   * After it resolves the file is durable and whole; when it rejects or the process dies, the old file is untouched.
   * A half-written temporary file may stay behind and is never taken for the real one.
   */
  putAtomic(path: string, chunks: Uint8Array | Iterable<Uint8Array>): Promise<void>;
  /** Appends text durably enough for logs (no fsync). */
  append(path: string, text: string): Promise<void>;
  /** No error when it does not exist. */
  remove(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Names directly in a folder, sorted; empty when the folder does not exist. */
  list(path: string): Promise<string[]>;
  makeDir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Takes an exclusive lock on `path`, released by the returned function or by the death of the process. @throws `ENGINE_FILEIO_LOCKED` */
  lock(path: string): Promise<() => Promise<void>>;
  /** A path that other programs can open, and what to call when done with it. */
  localPath(path: string): Promise<{ readonly path: string; release(): Promise<void> }>;
  join(...parts: readonly string[]): string;
  /** Absolute form of a path. */
  resolve(path: string): string;
}

declare module '@engine/core' {
  interface Kinds {
    storageBackend: StorageBackend;
  }
}
