import type { GetOptions, PathInfo, StorageBackend } from './contract.js';
import { fileioErrors } from './errors.js';
import { type HttpOptions, type HttpSettings, httpSettings, probe, transfer } from './http-transfer.js';

/** Keeps downloads on this machine. `DownloadCache` is Node's; a tab has its browser's. */
export interface UrlCache {
  /** The local file with the content of `url`, downloaded if it must be. */
  fetch(url: string, options: UrlCacheOptions): Promise<string>;
  read(file: string): Promise<Uint8Array>;
}

export interface UrlCacheOptions extends Pick<GetOptions, 'onProgress'> {
  readonly http: HttpOptions;
}

export interface HttpStorageInit extends HttpOptions {
  /** Serves `get` with `cached: true`, and `localPath`. Default: none. */
  readonly cache?: UrlCache | undefined;
}

/**
 * Files of web servers, read only, by `fetch`: in Node and in browsers (where the server must allow it by CORS). A connection that breaks
 * or stalls is made again, going on where it broke off if the server says that the file is still the same.
 */
export class HttpStorage implements StorageBackend {
  readonly name = 'http';
  readonly #options: HttpOptions;
  readonly #settings: HttpSettings;
  readonly #cache: UrlCache | undefined;

  constructor({ cache, ...options }: HttpStorageInit = {}) {
    this.#options = options;
    this.#settings = httpSettings(options);
    this.#cache = cache;
  }

  /** @throws `ENGINE_FILEIO_NOT_FOUND`, `_ACCESS_DENIED`, `_HTTP_FAILED`, `_HTTP_RANGE`, `_HTTP_REDIRECT`, `_TIMED_OUT`, `_BAD_URI` */
  async get(path: string, { cached = false, onProgress }: GetOptions = {}): Promise<Uint8Array> {
    const url = this.resolve(path);
    if (cached && this.#cache !== undefined)
      return this.#cache.read(await this.#cache.fetch(url, { http: this.#options, onProgress }));
    const target = new MemoryTarget();
    await transfer(url, target, { settings: this.#settings, onProgress });
    return target.bytes();
  }

  async exists(path: string): Promise<boolean> {
    return (await this.stat(path)) !== undefined;
  }

  /** By a HEAD request. What answers is taken for a file. */
  async stat(path: string): Promise<PathInfo | undefined> {
    const found = await probe(this.resolve(path), this.#settings);
    return found === undefined ? undefined : { type: 'file', size: found.total };
  }

  async localPath(path: string): Promise<{ readonly path: string; release(): Promise<void> }> {
    if (this.#cache === undefined) throw unsupported('give a path for other programs', path, 'use get()');
    const file = await this.#cache.fetch(this.resolve(path), { http: this.#options });
    return { path: file, release: () => Promise.resolve() };
  }

  /** Adds to the path of the URL; `?query` stays behind it. */
  join(...parts: readonly string[]): string {
    const [first = '', ...rest] = parts;
    const url = new URL(this.resolve(first));
    for (const part of rest) url.pathname = `${url.pathname.replace(/\/$/, '')}/${part.replace(/^\/+/, '')}`;
    return url.href;
  }

  /** The URL in its usual spelling. @throws `ENGINE_FILEIO_BAD_URI` */
  resolve(path: string): string {
    try {
      const url = new URL(path);
      url.hash = '';
      if (url.protocol === 'http:' || url.protocol === 'https:') return url.href;
    } catch {
      // told below
    }
    throw fileioErrors.BAD_URI({
      expected: 'https://host/path, or http://',
      received: `"${String(path)}"`,
      action: 'correct the address',
    });
  }

  async list(path: string): Promise<never> {
    throw unsupported('list folders', path, 'name the files one by one');
  }
  async put(path: string): Promise<never> {
    throw readOnly(path);
  }
  async putAtomic(path: string): Promise<never> {
    throw readOnly(path);
  }
  async append(path: string): Promise<never> {
    throw readOnly(path);
  }
  async remove(path: string): Promise<never> {
    throw readOnly(path);
  }
  async removeTree(path: string): Promise<never> {
    throw readOnly(path);
  }
  async makeDir(path: string): Promise<never> {
    throw readOnly(path);
  }
  async rename(from: string): Promise<never> {
    throw readOnly(from);
  }
  async lock(path: string): Promise<never> {
    throw readOnly(path);
  }
}

class MemoryTarget {
  #chunks: Uint8Array[] = [];
  received = 0;

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.received += chunk.length;
  }

  restart(): void {
    this.#chunks = [];
    this.received = 0;
  }

  bytes(): Uint8Array {
    const whole = new Uint8Array(this.received);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
}

function readOnly(path: string): Error {
  return fileioErrors.READ_ONLY({
    subject: path,
    expected: 'a storage that can be written to',
    received: 'a web server',
    action: 'choose a folder of this machine, or a storage that a plugin serves',
  });
}

function unsupported(what: string, path: string, action: string): Error {
  return fileioErrors.UNSUPPORTED({
    subject: path,
    expected: `a storage that can ${what}`,
    received: 'a web server',
    action,
  });
}
