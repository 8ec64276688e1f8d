/** Copies and walks of any storage, by its few methods. */
import type { StorageBackend } from './contract.js';
import { fileioErrors } from './errors.js';

/** The last part of a path or URL. */
export function baseName(path: string): string {
  const bare = /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path.replace(/[?#].*$/, '') : path;
  return /([^/\\]*)[/\\]*$/.exec(bare)?.[1] ?? '';
}

/** Copies a file; into `to` where that is a folder. Resolves with the path of the copy. @throws `ENGINE_FILEIO_SAME_FILE` */
export async function copyFileIn(storage: StorageBackend, from: string, to: string): Promise<string> {
  const isInto = (await storage.stat(to))?.type === 'folder';
  const target = isInto ? storage.join(to, baseName(from)) : to;
  if (storage.resolve(from) === storage.resolve(target)) {
    throw fileioErrors.SAME_FILE({
      subject: from,
      expected: 'two different files',
      received: `a copy onto itself, ${target}`,
      action: 'give another target',
    });
  }
  await (storage.copy?.(from, target) ?? storage.get(from).then((bytes) => storage.put(target, bytes)));
  return target;
}

/** Copies a folder with everything in it, or a file. @throws `ENGINE_FILEIO_EXISTS` when there is something at `to` */
export async function copyTreeIn(storage: StorageBackend, from: string, to: string): Promise<string> {
  if (await storage.exists(to)) {
    throw fileioErrors.EXISTS({
      subject: to,
      expected: 'a target that does not exist yet',
      received: 'one that does',
      action: 'remove it first, or give another target',
    });
  }
  if (storage.resolve(to).startsWith(storage.join(storage.resolve(from), 'x').slice(0, -1))) {
    throw fileioErrors.SAME_FILE({
      subject: from,
      expected: 'a target outside of the folder',
      received: to,
      action: 'give another target',
    });
  }
  await copyAll(storage, from, to);
  return to;
}

async function copyAll(storage: StorageBackend, from: string, to: string): Promise<void> {
  const found = await storage.stat(from);
  if (found?.type !== 'folder') {
    await copyFileIn(storage, from, to);
    return;
  }
  await storage.makeDir(to);
  for (const name of await storage.list(from)) await copyAll(storage, storage.join(from, name), storage.join(to, name));
}

/** A file or folder below a folder. */
export interface Found {
  /** Relative to where the walk began, separated by `/`. */
  readonly path: string;
  readonly type: 'file' | 'folder';
}

/** Everything in a folder in the order of names, a folder before what is in it. Names that begin with a dot are passed over. */
export async function* walk(storage: StorageBackend, folder: string, recursive: boolean): AsyncIterable<Found> {
  for (const name of await storage.list(folder)) {
    if (name.startsWith('.')) continue;
    const inside = storage.join(folder, name);
    const found = await storage.stat(inside);
    if (found === undefined) continue; // gone meanwhile
    yield { path: name, type: found.type };
    if (found.type === 'file' || !recursive) continue;
    for await (const below of walk(storage, inside, true)) yield { ...below, path: `${name}/${below.path}` };
  }
}
