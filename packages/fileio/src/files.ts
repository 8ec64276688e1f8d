/** What people do with files and folders, for any path or URI. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EngineError } from '@engine/core/plain';
import { baseName, copyFileIn, copyTreeIn, walk } from './copy.js';
import type { StorageOption } from './data-files.js';
import { fileioErrors } from './errors.js';
import { toLocalPath } from './local-path.js';
import { makeFolder } from './make-folder.js';
import { nodeStorage } from './node-storage.js';
import { prefixOf } from './storage-router.js';

/** Copies a file, into `to` where that is a folder; from and to may be of different storages. Resolves with the copy's path. @throws `ENGINE_FILEIO_SAME_FILE` */
export async function copyFile(
  from: string,
  to: string,
  { storage = nodeStorage() }: StorageOption = {},
): Promise<string> {
  return copyFileIn(storage, from, to);
}

/** Copies a folder with everything in it to where nothing is; from and to may be of different storages. @throws `ENGINE_FILEIO_EXISTS` */
export async function copyTree(
  from: string,
  to: string,
  { storage = nodeStorage() }: StorageOption = {},
): Promise<string> {
  return copyTreeIn(storage, from, to);
}

/** Makes a symbolic link at `to` and resolves with true; where that cannot be, copies the file or folder and resolves with false. */
export async function linkOrCopy(
  from: string,
  to: string,
  { storage = nodeStorage() }: StorageOption = {},
): Promise<boolean> {
  const isLocal = [from, to].every((path) => ['', 'file'].includes(prefixOf(path)));
  const found = await storage.stat(from);
  try {
    if (isLocal && found !== undefined && !(await storage.exists(to))) {
      await makeFolder(dirname(toLocalPath(to)));
      await symlink(toLocalPath(from), toLocalPath(to));
      return true;
    }
  } catch {
    // the system, the disk or the user's rights know no links
  }
  await (found?.type === 'folder' ? copyTreeIn(storage, from, to) : copyFileIn(storage, from, to));
  return false;
}

export async function isFile(path: string, { storage = nodeStorage() }: StorageOption = {}): Promise<boolean> {
  return (await storage.stat(path))?.type === 'file';
}

export async function isFolder(path: string, { storage = nodeStorage() }: StorageOption = {}): Promise<boolean> {
  return (await storage.stat(path))?.type === 'folder';
}

export interface ListDirOptions extends StorageOption {
  /** Whether folders are named. Default true. */
  readonly listDir?: boolean;
  /** Whether files are named. Default true. */
  readonly listFile?: boolean;
  /** Only files that end so; with `listDir: false`. */
  readonly suffix?: string | readonly string[] | undefined;
  /** Whether to go into folders, named or not. Default false. */
  readonly recursive?: boolean;
}

/** What is in a folder, in the order of names, relative to it and separated by `/`. Names that begin with a dot are passed over. @throws `ENGINE_FILEIO_BAD_OPTION` */
export async function* listDirOrFile(folder: string, options: ListDirOptions = {}): AsyncIterable<string> {
  const { storage = nodeStorage(), listDir = true, listFile = true, suffix, recursive = false } = options;
  if (suffix !== undefined && listDir) {
    throw fileioErrors.BAD_OPTION({
      subject: 'suffix',
      expected: 'no suffix when folders are listed too',
      received: `suffix = ${JSON.stringify(suffix)}, listDir = true`,
      action: 'give listDir: false',
    });
  }
  const endings = suffix === undefined ? [''] : [suffix].flat();
  for await (const { path, type } of walk(storage, folder, recursive)) {
    if (type === 'folder' ? listDir : listFile && endings.some((ending) => path.endsWith(ending))) yield path;
  }
}

/**
 * Calls `use` with a path that other programs can open, and resolves with what it gives. A file of a storage that has no such paths is there
 * as a copy while `use` runs.
 */
export async function withLocalPath<T>(
  path: string,
  use: (file: string) => T | Promise<T>,
  { storage = nodeStorage() }: StorageOption = {},
): Promise<T> {
  const local = await storage.localPath(path).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === 'ENGINE_FILEIO_UNSUPPORTED') return undefined;
    throw error;
  });
  if (local === undefined) return withCopy(baseName(path), await storage.get(path), use);
  try {
    return await use(local.path);
  } finally {
    await local.release();
  }
}

async function withCopy<T>(name: string, bytes: Uint8Array, use: (file: string) => T | Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-copy-'));
  try {
    await writeFile(join(folder, name), bytes);
    return await use(join(folder, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
