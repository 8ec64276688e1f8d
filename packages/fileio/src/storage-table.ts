import type { StorageBackend } from './contract.js';
import { fileioErrors } from './errors.js';
import { LocalStorage } from './local-storage.js';

/** Which storage serves which URI, by the prefix before `://`. Paths without one, and `file://`, are local files unless told otherwise. */
export class StorageTable {
  readonly #backends = new Map<string, StorageBackend>();

  constructor() {
    const local = new LocalStorage();
    this.register('', local).register('file', local);
  }

  /** `prefix` is what stands before `://`. @throws `ENGINE_FILEIO_PREFIX_TAKEN` unless `force`. */
  register(prefix: string, backend: StorageBackend, options: { readonly force?: boolean } = {}): this {
    if (this.#backends.has(prefix) && options.force !== true) {
      throw fileioErrors.PREFIX_TAKEN({
        expected: 'a prefix that has no storage yet',
        received: `"${prefix}", served by ${this.#backends.get(prefix)?.name}`,
        action: 'use another prefix, or pass { force: true } to replace it',
      });
    }
    this.#backends.set(prefix, backend);
    return this;
  }

  /** The storage of a path or URI. @throws `ENGINE_FILEIO_UNKNOWN_PREFIX`, `ENGINE_FILEIO_BAD_URI` */
  select(uri: string): StorageBackend {
    const [prefix, ...more] = uri.split('://');
    if (more.length > 1) {
      throw fileioErrors.BAD_URI({ expected: 'one "://" at most', received: `"${uri}"`, action: 'correct the path' });
    }
    const backend = this.#backends.get(more.length === 0 ? '' : (prefix ?? ''));
    if (backend !== undefined) return backend;
    throw fileioErrors.UNKNOWN_PREFIX({
      subject: uri,
      expected: `a path, or a URI that begins with one of ${[...this.#backends.keys()].filter((known) => known !== '').join(', ')}`,
      received: `${prefix}://`,
      action: 'register a storage backend for this prefix',
    });
  }
}
