/** A storage over an object store: S3, GCS, Azure and their like have keys and bytes, no folders. */
import { randomUUID } from 'node:crypto';
import { fileioErrors, type PathInfo, type StorageBackend } from '@engine/fileio';

/** The calls of a cloud's client that are needed; each client has them under one name or another. */
export interface ObjectClient {
  /** Undefined where there is no such key. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** With `ifAbsent` only where there is no such key (S3: `If-None-Match: *`); false when there is one. An object is there whole or not at all. */
  put(key: string, bytes: Uint8Array, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;
  delete(key: string): Promise<void>;
  /** Keys that begin with `prefix`, with their sizes. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly size: number }[]>;
}

type Chunks = Uint8Array | Iterable<Uint8Array>;

/** `PREFIX://bucket/a/b` is the key `bucket/a/b`. A folder is there when something is in it, or a key that ends with `/`. */
export class ObjectStorage implements StorageBackend {
  readonly name = 'object';
  readonly #client: ObjectClient;

  constructor(client: ObjectClient) {
    this.#client = client;
  }

  async get(path: string): Promise<Uint8Array> {
    const key = keyOf(path);
    const bytes = await this.#client.get(key);
    if (bytes !== undefined) return bytes;
    throw (await this.stat(path)) === undefined ? problem('NOT_FOUND', path) : problem('IS_A_FOLDER', path);
  }

  async put(path: string, chunks: Chunks): Promise<void> {
    const key = keyOf(path);
    if ((await this.stat(path))?.type === 'folder') throw problem('IS_A_FOLDER', path);
    await this.#requireFolders(key);
    await this.#client.put(key, joined(chunks));
  }

  putAtomic(path: string, chunks: Chunks): Promise<void> {
    return this.put(path, chunks);
  }

  /** Reads the object and writes it anew: for a log of some length keep the work dir on a disk, and give `LoggerHook` an `outDir`. */
  async append(path: string, content: string | Uint8Array): Promise<void> {
    const before = (await this.#client.get(keyOf(path))) ?? new Uint8Array();
    await this.put(path, [before, typeof content === 'string' ? new TextEncoder().encode(content) : content]);
  }

  async remove(path: string): Promise<void> {
    if ((await this.stat(path))?.type === 'folder') throw problem('IS_A_FOLDER', path);
    await this.#client.delete(keyOf(path));
  }

  async removeTree(path: string): Promise<void> {
    await this.#client.delete(keyOf(path));
    for (const { key } of await this.#client.list(inside(keyOf(path)))) await this.#client.delete(key);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.stat(path)) !== undefined;
  }

  async stat(path: string): Promise<PathInfo | undefined> {
    const key = keyOf(path);
    const found = await this.#client.list(key);
    const file = found.find((each) => each.key === key);
    if (file !== undefined && key !== '') return { type: 'file', size: file.size };
    const isFolder = key === '' || found.some((each) => each.key.startsWith(inside(key)));
    return isFolder ? { type: 'folder', size: undefined } : undefined;
  }

  async list(path: string): Promise<string[]> {
    const key = keyOf(path);
    if ((await this.stat(path))?.type === 'file') throw problem('NOT_A_FOLDER', path);
    const names = (await this.#client.list(inside(key))).map(
      (each) => each.key.slice(inside(key).length).split('/')[0] ?? '',
    );
    return [...new Set(names)].filter((name) => name !== '').sort();
  }

  async makeDir(path: string): Promise<void> {
    const key = keyOf(path);
    if ((await this.stat(path))?.type === 'file') throw problem('NOT_A_FOLDER', path);
    await this.#requireFolders(key);
    await this.#client.put(inside(key), new Uint8Array());
  }

  /** Copies each object, then deletes it: who reads meanwhile sees a part of it. */
  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [keyOf(from), keyOf(to)];
    const found = await this.stat(from);
    if (found === undefined) throw problem('NOT_FOUND', from);
    const objects = found.type === 'file' ? [{ key: source }] : await this.#client.list(inside(source));
    for (const { key } of objects) {
      await this.#client.put(target + key.slice(source.length), (await this.#client.get(key)) ?? new Uint8Array());
      await this.#client.delete(key);
    }
  }

  /** Lasts until it is released, also beyond the death of its process. */
  async lock(path: string): Promise<() => Promise<void>> {
    const key = `${keyOf(path)}.lock`;
    const token = randomUUID();
    if (!(await this.#client.put(key, new TextEncoder().encode(token), { ifAbsent: true })))
      throw problem('LOCKED', path);
    return async () => {
      const held = await this.#client.get(key);
      if (held !== undefined && new TextDecoder().decode(held) === token) await this.#client.delete(key);
    };
  }

  async localPath(path: string): Promise<never> {
    throw problem('UNSUPPORTED', path); // withLocalPath() makes a copy then
  }

  join(...parts: readonly string[]): string {
    const [first = '', ...rest] = parts.filter((part) => part !== '');
    const [, scheme = '', path = ''] = /^([a-z0-9+.-]+:\/\/)?(.*)$/is.exec(first) ?? [];
    return scheme + [path, ...rest].join('/').replace(/\/{2,}/g, '/');
  }

  resolve(path: string): string {
    return `${/^[a-z0-9+.-]+:\/\//i.exec(path)?.[0] ?? '/'}${keyOf(path)}`;
  }

  /** Object stores would take `a/b` beside `a`; paths do not. */
  async #requireFolders(key: string): Promise<void> {
    const parts = key.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const above = parts.slice(0, length).join('/');
      if ((await this.stat(`/${above}`))?.type === 'file') throw problem('NOT_A_FOLDER', above);
    }
  }
}

function keyOf(path: string): string {
  if (path === '') throw problem('BAD_URI', path);
  const parts: string[] = [];
  for (const part of path.replace(/^[a-z0-9+.-]+:\/\//i, '').split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function inside(key: string): string {
  return key === '' ? '' : `${key}/`;
}

function joined(chunks: Chunks): Uint8Array {
  const parts = chunks instanceof Uint8Array ? [chunks] : Array.from(chunks, (chunk) => chunk.slice());
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function problem(
  code: 'NOT_FOUND' | 'IS_A_FOLDER' | 'NOT_A_FOLDER' | 'LOCKED' | 'UNSUPPORTED' | 'BAD_URI',
  path: string,
): Error {
  const texts = {
    NOT_FOUND: ['an object that exists', 'none', 'check the path'],
    IS_A_FOLDER: ['an object', 'a folder', 'give the path of a file'],
    NOT_A_FOLDER: ['a folder', 'an object', 'check the path'],
    LOCKED: [
      'a path that no other run uses',
      'one that is locked',
      'wait until that run has ended; if it is certainly gone, delete the object .lock',
    ],
    UNSUPPORTED: ['a storage whose files other programs can open', 'an object store', 'use get(), or withLocalPath()'],
    BAD_URI: ['a path that is not empty', '""', 'correct the path'],
  } as const;
  const [expected, received, action] = texts[code];
  return fileioErrors[code]({ subject: path, expected, received, action });
}
