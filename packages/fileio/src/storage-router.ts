import type { GetOptions, PathInfo, StorageBackend } from './contract.js';
import { copyTreeIn } from './copy.js';
import { fileioErrors } from './errors.js';
import type { Chunks } from './write-chunks.js';

/** Storages by URI prefix: `''` serves paths without one. */
export type StorageTable = Readonly<Record<string, StorageBackend>>;

const PREFIX = /^(?:[^:/\\]+:)?([a-z][a-z0-9+.-]*):\/\//i;

/** `s3` of `s3://bucket/a` and of `cluster:s3://bucket/a`, in small letters; empty for a path. */
export function prefixOf(uri: string): string {
  return PREFIX.exec(uri)?.[1]?.toLowerCase() ?? '';
}

/** One storage out of several: each call goes to the one that serves the prefix of its path. */
export class StorageRouter implements StorageBackend {
  readonly name: string;
  readonly #table: ReadonlyMap<string, StorageBackend>;

  constructor(table: StorageTable) {
    this.#table = new Map(Object.entries(table));
    this.name = [...new Set([...this.#table.values()].map(({ name }) => name))].join(', ');
  }

  /** `storage` with other storages for some prefixes; what it served before for others stays. */
  static over(storage: StorageBackend, table: StorageTable): StorageRouter {
    return new StorageRouter({
      ...(storage instanceof StorageRouter ? Object.fromEntries(storage.#table) : { '': storage }),
      ...table,
    });
  }

  /** The storage that serves a path. @throws `ENGINE_FILEIO_UNKNOWN_PREFIX` */
  select(uri: string): StorageBackend {
    const prefix = prefixOf(String(uri));
    const found = this.#table.get(prefix);
    if (found !== undefined) return found;
    const known = [...this.#table.keys()].filter((key) => key !== '').map((key) => `${key}://`);
    throw fileioErrors.UNKNOWN_PREFIX({
      subject: uri,
      expected: `a path, or a URI that begins with one of ${known.join(', ')}`,
      received: prefix === '' ? 'a path without prefix' : `${prefix}://`,
      action: `correct the path, or name a storage for it in the config: storages: { ${prefix || "''"}: { type: ... } }`,
    });
  }

  get(path: string, options?: GetOptions): Promise<Uint8Array> {
    return this.#at(path, (storage) => storage.get(path, options));
  }
  put(path: string, chunks: Chunks): Promise<void> {
    return this.#at(path, (storage) => storage.put(path, chunks));
  }
  putAtomic(path: string, chunks: Chunks): Promise<void> {
    return this.#at(path, (storage) => storage.putAtomic(path, chunks));
  }
  append(path: string, content: string | Uint8Array): Promise<void> {
    return this.#at(path, (storage) => storage.append(path, content));
  }
  remove(path: string): Promise<void> {
    return this.#at(path, (storage) => storage.remove(path));
  }
  removeTree(path: string): Promise<void> {
    return this.#at(path, (storage) => storage.removeTree(path));
  }
  exists(path: string): Promise<boolean> {
    return this.#at(path, (storage) => storage.exists(path));
  }
  stat(path: string): Promise<PathInfo | undefined> {
    return this.#at(path, (storage) => storage.stat(path));
  }
  list(path: string): Promise<string[]> {
    return this.#at(path, (storage) => storage.list(path));
  }
  makeDir(path: string): Promise<void> {
    return this.#at(path, (storage) => storage.makeDir(path));
  }
  lock(path: string): Promise<() => Promise<void>> {
    return this.#at(path, (storage) => storage.lock(path));
  }
  localPath(path: string): Promise<{ readonly path: string; release(): Promise<void> }> {
    return this.#at(path, (storage) => storage.localPath(path));
  }

  /** From one storage to another it copies and then removes, which is not atomic. */
  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [this.select(from), this.select(to)];
    if (source === target) return source.rename(from, to);
    if ((await source.stat(from))?.type === 'file') await this.copy(from, to);
    else await copyTreeIn(this, from, to);
    await source.removeTree(from);
  }

  async copy(from: string, to: string): Promise<void> {
    const [source, target] = [this.select(from), this.select(to)];
    if (source === target && source.copy !== undefined) return source.copy(from, to);
    await target.put(to, await source.get(from));
  }

  join(...parts: readonly string[]): string {
    return this.select(parts[0] ?? '').join(...parts);
  }

  resolve(path: string): string {
    return this.select(path).resolve(path);
  }

  async #at<T>(path: string, call: (storage: StorageBackend) => Promise<T>): Promise<T> {
    return call(this.select(path));
  }
}
