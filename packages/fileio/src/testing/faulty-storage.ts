import type { GetOptions, PathInfo, StorageBackend } from '../contract.js';
import { fileioErrors } from '../errors.js';
import { type Chunks, eachChunk } from '../write-chunks.js';

/** A storage whose disk is full after `failAtByte` more bytes: whoever writes then gets `ENGINE_FILEIO_NO_SPACE`, with the bytes before it written. */
export class FaultyStorage implements StorageBackend {
  readonly name: string;
  readonly #inner: StorageBackend;
  /** Bytes that still fit; set it to `Infinity` to free the disk. */
  bytesLeft: number;

  constructor(inner: StorageBackend, options: { readonly failAtByte: number }) {
    this.#inner = inner;
    this.name = `faulty ${inner.name}`;
    this.bytesLeft = options.failAtByte;
  }

  put(path: string, chunks: Chunks): Promise<void> {
    return this.#inner.put(path, this.#limited(path, chunks));
  }
  putAtomic(path: string, chunks: Chunks): Promise<void> {
    return this.#inner.putAtomic(path, this.#limited(path, chunks));
  }
  async append(path: string, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    for (const chunk of this.#limited(path, bytes)) await this.#inner.append(path, chunk);
  }
  get(path: string, options?: GetOptions): Promise<Uint8Array> {
    return this.#inner.get(path, options);
  }
  remove(path: string): Promise<void> {
    return this.#inner.remove(path);
  }
  removeTree(path: string): Promise<void> {
    return this.#inner.removeTree(path);
  }
  stat(path: string): Promise<PathInfo | undefined> {
    return this.#inner.stat(path);
  }
  exists(path: string): Promise<boolean> {
    return this.#inner.exists(path);
  }
  list(path: string): Promise<string[]> {
    return this.#inner.list(path);
  }
  makeDir(path: string): Promise<void> {
    return this.#inner.makeDir(path);
  }
  rename(from: string, to: string): Promise<void> {
    return this.#inner.rename(from, to);
  }
  lock(path: string): Promise<() => Promise<void>> {
    return this.#inner.lock(path);
  }
  localPath(path: string): Promise<{ readonly path: string; release(): Promise<void> }> {
    return this.#inner.localPath(path);
  }
  join(...parts: readonly string[]): string {
    return this.#inner.join(...parts);
  }
  resolve(path: string): string {
    return this.#inner.resolve(path);
  }

  *#limited(path: string, chunks: Chunks): Iterable<Uint8Array> {
    for (const chunk of eachChunk(chunks)) {
      const fits = Math.min(chunk.length, this.bytesLeft);
      this.bytesLeft -= fits;
      yield chunk.subarray(0, fits);
      if (fits < chunk.length) {
        throw fileioErrors.NO_SPACE({
          subject: path,
          expected: 'free space',
          received: "none, by the test's wish",
          action: 'set bytesLeft',
        });
      }
    }
  }
}
