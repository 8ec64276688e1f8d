import { appendFileSync } from 'node:fs';
import { copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { PathInfo, StorageBackend } from './contract.js';
import { intoItself } from './into-itself.js';
import { takeLock } from './local-lock.js';
import { toLocalPath } from './local-path.js';
import { makeFolder } from './make-folder.js';
import { readWhole } from './read-whole.js';
import { syncFolder } from './sync-folder.js';
import { codeOf, systemError } from './system-error.js';
import { isTemporary, removeLeftovers, temporaryName } from './temporary-files.js';
import { type Chunks, writeChunks } from './write-chunks.js';

/**
 * Files of this machine, by path or `file://` URI. Writing makes the folders it needs. Every failure of the operating
 * system is a coded error that names the path.
 */
export class LocalStorage implements StorageBackend {
  readonly name = 'local';

  async get(path: string): Promise<Uint8Array> {
    return this.#attempt('reading', path, readWhole);
  }

  async put(path: string, chunks: Chunks): Promise<void> {
    await this.#attempt('writing', path, async (file) => {
      const handle = await inFolder(file, () => open(file, 'w'));
      try {
        await writeChunks(handle, chunks);
      } finally {
        await handle.close();
      }
    });
  }

  async putAtomic(path: string, chunks: Chunks): Promise<void> {
    await this.#attempt('saving', path, async (file) => {
      const folder = dirname(file);
      await makeFolder(folder);
      await removeLeftovers(folder);
      const temporary = temporaryName(file);
      try {
        const handle = await open(temporary, 'wx');
        try {
          await writeChunks(handle, chunks);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await syncFolder(folder);
    });
  }

  async append(path: string, content: string | Uint8Array): Promise<void> {
    // Not through the thread pool: its round trips take ten times as long as adding a line does.
    await this.#attempt('appending to', path, (file) => inFolder(file, async () => appendFileSync(file, content)));
  }

  async remove(path: string): Promise<void> {
    await this.#attempt('removing', path, async (file) => {
      try {
        await rm(file);
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    });
  }

  async removeTree(path: string): Promise<void> {
    await this.#attempt('removing', path, (file) => rm(file, { recursive: true, force: true }));
  }

  async exists(path: string): Promise<boolean> {
    return (await this.stat(path)) !== undefined;
  }

  async stat(path: string): Promise<PathInfo | undefined> {
    return this.#attempt('looking for', path, async (file) => {
      try {
        const found = await stat(file);
        return found.isDirectory() ? { type: 'folder', size: undefined } : { type: 'file', size: found.size };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    });
  }

  async list(path: string): Promise<string[]> {
    return this.#attempt('listing', path, async (folder) => {
      try {
        return (await readdir(folder)).filter((name) => !isTemporary(name)).sort();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  async makeDir(path: string): Promise<void> {
    await this.#attempt('making the folder', path, makeFolder);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#attempt('renaming', from, async (file) => {
      const target = toLocalPath(to);
      // Asked first, because an attempt that fails would leave the target's folders behind.
      const isFolder = (await stat(file)).isDirectory();
      if (isFolder && target.startsWith(`${file}${sep}`)) throw intoItself(file, target);
      await inFolder(target, () => rename(file, target));
    });
  }

  /** With its permissions. */
  async copy(from: string, to: string): Promise<void> {
    await this.#attempt('copying', from, async (file) => {
      await stat(file); // asked first, because an attempt that fails would leave the target's folders behind
      const target = toLocalPath(to);
      await inFolder(target, () => copyFile(file, target));
    });
  }

  async lock(path: string): Promise<() => Promise<void>> {
    return this.#attempt('locking', path, async (file) => {
      await makeFolder(dirname(file));
      return takeLock(file);
    });
  }

  async localPath(path: string): Promise<{ readonly path: string; release(): Promise<void> }> {
    return { path: toLocalPath(path), release: () => Promise.resolve() };
  }

  join(...parts: readonly string[]): string {
    const [first = '', ...rest] = parts;
    return join(first.startsWith('file://') ? toLocalPath(first) : first, ...rest);
  }

  resolve(path: string): string {
    return toLocalPath(path);
  }

  async #attempt<T>(doing: string, path: string, work: (file: string) => Promise<T>): Promise<T> {
    const file = toLocalPath(path);
    try {
      return await work(file);
    } catch (error) {
      throw systemError(error, doing, file);
    }
  }
}

/** Does `work`, after making the folder of `file` if that is what was missing. */
async function inFolder<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(file));
    return work();
  }
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
