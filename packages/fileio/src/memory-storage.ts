import type { PathInfo, StorageBackend } from './contract.js';
import { fileioErrors } from './errors.js';
import { intoItself } from './into-itself.js';
import { type Chunks, eachChunk } from './write-chunks.js';

const SCHEME = 'memory://';

/**
 * Files in memory, for browsers, demos and tests: gone with the object. Paths are separated by `/`; `/` is the root.
 * `memory:///a` is the same file as `/a`.
 */
export class MemoryStorage implements StorageBackend {
  readonly name = 'memory';
  readonly #files = new Map<string, Uint8Array>();
  readonly #folders = new Set<string>(['/']);
  readonly #locks = new Set<string>();

  async get(path: string): Promise<Uint8Array> {
    const file = this.#key(path);
    const bytes = this.#files.get(file);
    if (bytes !== undefined) return bytes.slice();
    throw this.#folders.has(file) ? isAFolder(file) : notFound(file);
  }

  async put(path: string, chunks: Chunks): Promise<void> {
    const file = this.#key(path);
    if (this.#folders.has(file)) throw isAFolder(file);
    const bytes = concat(Array.from(eachChunk(chunks), (chunk) => new Uint8Array(chunk)));
    this.#makeFolders(parentOf(file));
    this.#files.set(file, bytes);
  }

  async putAtomic(path: string, chunks: Chunks): Promise<void> {
    await this.put(path, chunks);
  }

  async append(path: string, content: string | Uint8Array): Promise<void> {
    const before = this.#files.get(this.#key(path));
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await this.put(path, [...(before === undefined ? [] : [before]), bytes]);
  }

  async remove(path: string): Promise<void> {
    const file = this.#key(path);
    if (this.#folders.has(file)) throw isAFolder(file);
    this.#files.delete(file);
  }

  async removeTree(path: string): Promise<void> {
    const root = this.#key(path);
    for (const name of [...this.#files.keys(), ...this.#folders]) {
      if (name === '/' || !(root === '/' || name === root || name.startsWith(`${root}/`))) continue;
      this.#files.delete(name);
      this.#folders.delete(name);
    }
  }

  async exists(path: string): Promise<boolean> {
    return (await this.stat(path)) !== undefined;
  }

  async stat(path: string): Promise<PathInfo | undefined> {
    const at = this.#key(path);
    if (this.#folders.has(at)) return { type: 'folder', size: undefined };
    const size = this.#files.get(at)?.length;
    return size === undefined ? undefined : { type: 'file', size };
  }

  async list(path: string): Promise<string[]> {
    const folder = this.#key(path);
    for (let at = folder; at !== '/'; at = parentOf(at)) if (this.#files.has(at)) throw notAFolder(at);
    const inside = folder === '/' ? '/' : `${folder}/`;
    const names = [...this.#files.keys(), ...this.#folders].filter((name) => name.startsWith(inside) && name !== '/');
    return names
      .map((name) => name.slice(inside.length))
      .filter((name) => !name.includes('/'))
      .sort();
  }

  async makeDir(path: string): Promise<void> {
    this.#makeFolders(this.#key(path));
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [this.#key(from), this.#key(to)];
    if (!(await this.exists(source))) throw notFound(source);
    if (this.#folders.has(target)) throw isAFolder(target);
    if (this.#folders.has(source) && target.startsWith(`${source}/`)) throw intoItself(source, target);
    if (this.#folders.has(source) && this.#files.has(target)) throw notAFolder(target);
    this.#makeFolders(parentOf(target));
    for (const name of [...this.#files.keys(), ...this.#folders]) {
      if (name !== source && !name.startsWith(`${source}/`)) continue;
      const renamed = target + name.slice(source.length);
      const bytes = this.#files.get(name);
      if (bytes !== undefined) this.#files.set(renamed, bytes);
      else this.#folders.add(renamed);
      if (renamed === name) continue;
      this.#files.delete(name);
      this.#folders.delete(name);
    }
  }

  async lock(path: string): Promise<() => Promise<void>> {
    const file = this.#key(path);
    if (this.#locks.has(file)) {
      throw fileioErrors.LOCKED({
        subject: file,
        expected: 'a path that nobody has locked',
        received: 'a lock held in this process',
        action: 'release it first, or use another path',
      });
    }
    this.#locks.add(file);
    let held = true;
    return () => {
      if (held) this.#locks.delete(file);
      held = false;
      return Promise.resolve();
    };
  }

  async localPath(path: string): Promise<never> {
    throw fileioErrors.UNSUPPORTED({
      subject: path,
      expected: 'a storage whose files other programs can open',
      received: 'a file in memory',
      action: 'use get(), or withLocalPath()',
    });
  }

  join(...parts: readonly string[]): string {
    const [first = '', ...rest] = parts;
    const scheme = first.startsWith(SCHEME) ? SCHEME : '';
    const path = [first.slice(scheme.length), ...rest].filter((part) => part !== '').join('/');
    return scheme + path.replace(/\/{2,}/g, '/');
  }

  /** Keeps `memory://` where it is given, so that a router finds this storage again. */
  resolve(path: string): string {
    const key = this.#key(path);
    return path.startsWith(SCHEME) ? SCHEME + key : key;
  }

  #key(path: string): string {
    if (typeof path !== 'string' || path === '') {
      throw fileioErrors.BAD_URI({
        expected: 'a path that is not empty',
        received: `"${String(path)}"`,
        action: 'correct the path',
      });
    }
    const parts: string[] = [];
    for (const part of (path.startsWith(SCHEME) ? path.slice(SCHEME.length) : path).split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  }

  #makeFolders(folder: string): void {
    for (let at = folder; !this.#folders.has(at); at = parentOf(at)) {
      if (this.#files.has(at)) throw notAFolder(at);
    }
    for (let at = folder; at !== '/'; at = parentOf(at)) this.#folders.add(at);
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const notFound = (path: string): Error =>
  fileioErrors.NOT_FOUND({ subject: path, expected: 'a file that exists', received: path, action: 'check the path' });
const isAFolder = (path: string): Error =>
  fileioErrors.IS_A_FOLDER({
    subject: path,
    expected: 'a file',
    received: 'a folder',
    action: 'give the path of a file',
  });
const notAFolder = (path: string): Error =>
  fileioErrors.NOT_A_FOLDER({ subject: path, expected: 'a folder', received: 'a file', action: 'check the path' });
