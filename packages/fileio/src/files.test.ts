import { lstat, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  copyFile,
  copyTree,
  isFile,
  isFolder,
  type ListDirOptions,
  linkOrCopy,
  listDirOrFile,
  withLocalPath,
} from './files.js';
import { MemoryStorage } from './memory-storage.js';
import { nodeStorage } from './node-storage.js';
import { FileServer } from './testing/index.js';

let folder: string;
const storage = nodeStorage({ storages: { memory: new MemoryStorage() } });
const at = (...parts: string[]) => join(folder, ...parts);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-files-'));
  for (const name of ['a.txt', 'b.jpg', 'sub/c.jpg', 'sub/deep/d.txt', '.hidden', '.git/e.txt'])
    await storage.put(at(name), new TextEncoder().encode(name));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function list(options?: ListDirOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const item of listDirOrFile(folder, options)) found.push(item);
  return found;
}

describe('listDirOrFile', () => {
  it('names what is in a folder, or below it', async () => {
    expect(await list()).toEqual(['a.txt', 'b.jpg', 'sub']);
    expect(await list({ recursive: true })).toEqual([
      'a.txt',
      'b.jpg',
      'sub',
      'sub/c.jpg',
      'sub/deep',
      'sub/deep/d.txt',
    ]);
    expect(await list({ listFile: false, recursive: true })).toEqual(['sub', 'sub/deep']);
    expect(await list({ listDir: false, recursive: true })).toEqual(['a.txt', 'b.jpg', 'sub/c.jpg', 'sub/deep/d.txt']);
  });

  it('by ending', async () => {
    expect(await list({ listDir: false, suffix: '.txt', recursive: true })).toEqual(['a.txt', 'sub/deep/d.txt']);
    expect(await list({ listDir: false, suffix: ['.jpg', 'a.txt'] })).toEqual(['a.txt', 'b.jpg']);
    expect(await list({ listDir: false, suffix: [] })).toEqual([]);
    await expect(list({ suffix: '.txt' })).rejects.toThrow('ENGINE_FILEIO_BAD_OPTION');
  });
});

describe('copies', () => {
  it('go between storages and within one', async () => {
    expect(await copyFile(at('a.txt'), at('sub'))).toBe(at('sub', 'a.txt'));
    await copyTree(at('sub'), 'memory:///kept', { storage });
    await copyTree('memory:///kept', at('back'), { storage });
    expect(await readFile(at('back', 'deep', 'd.txt'), 'utf8')).toBe('sub/deep/d.txt');
  });

  it('come from the web', async () => {
    const server = await FileServer.start();
    try {
      expect(await copyFile(server.put('/x/net.bin', 'web'), folder)).toBe(at('net.bin'));
      expect(await readFile(at('net.bin'), 'utf8')).toBe('web');
    } finally {
      await server.stop();
    }
  });

  it.skipIf(process.platform === 'win32')('are links where links can be, files elsewhere', async () => {
    expect(await linkOrCopy(at('a.txt'), at('new', 'link'))).toBe(true);
    expect((await lstat(at('new', 'link'))).isSymbolicLink()).toBe(true);
    expect(await linkOrCopy(pathToFileURL(at('sub')).href, at('folder'))).toBe(true);
    expect(await readFile(at('folder', 'c.jpg'), 'utf8')).toBe('sub/c.jpg');
    expect(await linkOrCopy(at('b.jpg'), at('a.txt'))).toBe(false);
    expect(await readFile(at('a.txt'), 'utf8')).toBe('b.jpg');
    expect(await linkOrCopy(at('sub'), 'memory:///sub', { storage })).toBe(false);
    expect(await isFile('memory:///sub/c.jpg', { storage })).toBe(true);
    await expect(linkOrCopy(at('absent'), at('x'))).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
  });
});

describe('isFile and isFolder', () => {
  it('tell what is there', async () => {
    expect([await isFile(at('a.txt')), await isFolder(at('a.txt'))]).toEqual([true, false]);
    expect([await isFile(at('sub')), await isFolder(at('sub'))]).toEqual([false, true]);
    expect([await isFile(at('absent')), await isFolder(at('absent'))]).toEqual([false, false]);
  });
});

describe('withLocalPath', () => {
  it('gives the file itself where it is on this machine', async () => {
    expect(await withLocalPath(at('a.txt'), (file) => file)).toBe(at('a.txt'));
    expect(await withLocalPath(pathToFileURL(at('a.txt')).href, (file) => file)).toBe(at('a.txt'));
  });

  it('gives a copy elsewhere, which is gone afterwards, also after a failure', async () => {
    await storage.put('memory:///m/x.bin', new Uint8Array([1, 2]));
    let seen = '';
    const size = await withLocalPath('memory:///m/x.bin', async (file) => (await stat((seen = file))).size, {
      storage,
    });
    expect([size, seen.endsWith('x.bin'), await isFile(seen)]).toEqual([2, true, false]);
    const failing = withLocalPath(
      'memory:///m/x.bin',
      (file) => {
        seen = file;
        throw new Error('mine');
      },
      { storage },
    );
    await expect(failing).rejects.toThrow('mine');
    expect(await isFile(seen)).toBe(false);
    await expect(withLocalPath('memory:///absent', (file) => file, { storage })).rejects.toThrow(
      'ENGINE_FILEIO_NOT_FOUND',
    );
  });

  it('gives what the cache has of the web', async () => {
    const server = await FileServer.start();
    try {
      const web = nodeStorage({ cacheFolder: at('cache') });
      const text = await withLocalPath(server.put('/a.txt', 'web'), (file) => readFile(file, 'utf8'), { storage: web });
      expect(text).toBe('web');
    } finally {
      await server.stop();
    }
  });
});
