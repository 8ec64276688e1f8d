/** How far a transfer is. */
export interface Progress {
  /** Bytes at hand, those of earlier attempts included. */
  readonly received: number;
  /** Bytes of the whole file; undefined where the other side does not tell. */
  readonly total: number | undefined;
}

export interface GetOptions {
  /** The file keeps its content under its name, as weights and datasets do: a storage far away may answer from this machine's cache. Default false. */
  readonly cached?: boolean;
  /** Called for each piece that arrives, by storages that transfer. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What is at a path. */
export interface PathInfo {
  readonly type: 'file' | 'folder';
  /** Bytes of a file; undefined for folders, and where the storage does not tell. */
  readonly size: number | undefined;
}

/** Bytes by path. A run has one, which serves several kinds of URI when it is a `StorageRouter`, as in Node by default. */
export interface StorageBackend {
  readonly name: string;
  /** The bytes, which belong to the caller. @throws `ENGINE_FILEIO_NOT_FOUND` */
  get(path: string, options?: GetOptions): Promise<Uint8Array>;
  put(path: string, chunks: Uint8Array | Iterable<Uint8Array>): Promise<void>;
  /**
   * After it resolves the file is durable and whole; when it rejects or the process dies, the old file is untouched.
   * A half-written temporary file may stay behind and is never taken for the real one.
   */
  putAtomic(path: string, chunks: Uint8Array | Iterable<Uint8Array>): Promise<void>;
  /** Appends text or bytes durably enough for logs (no fsync). */
  append(path: string, content: string | Uint8Array): Promise<void>;
  /** Removes a file. No error when it does not exist. @throws `ENGINE_FILEIO_IS_A_FOLDER` */
  remove(path: string): Promise<void>;
  /** Removes a file, or a folder with everything in it. No error when it does not exist. */
  removeTree(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** What is at a path; undefined when there is nothing. */
  stat(path: string): Promise<PathInfo | undefined>;
  /** Names directly in a folder, sorted; empty when the folder does not exist. */
  list(path: string): Promise<string[]>;
  makeDir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Copies one file, where the storage has a better way than `get` and `put`. */
  copy?(from: string, to: string): Promise<void>;
  /** Takes an exclusive lock on `path`, released by the returned function or by the death of the process. @throws `ENGINE_FILEIO_LOCKED` */
  lock(path: string): Promise<() => Promise<void>>;
  /** A path that other programs can open, and what to call when done with it. */
  localPath(path: string): Promise<{ readonly path: string; release(): Promise<void> }>;
  join(...parts: readonly string[]): string;
  /** Absolute form of a path. */
  resolve(path: string): string;
}
