import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageBackend } from './contract.js';
import { baseName, copyFileIn, copyTreeIn, type Found, walk } from './copy.js';
import { MemoryStorage } from './memory-storage.js';
import { nodeStorage } from './node-storage.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-copy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = async (storage: StorageBackend, path: string) => new TextDecoder().decode(await storage.get(path));

describe.each(['local', 'memory', 'memory to local'])('copies, %s', (kind) => {
  let storage: StorageBackend;
  const at = (...parts: string[]) => (kind === 'local' ? join(folder, ...parts) : storage.join('memory:///', ...parts));
  const to = (...parts: string[]) => (kind === 'memory' ? at(...parts) : join(folder, ...parts));
  beforeEach(async () => {
    storage = nodeStorage({ storages: { memory: new MemoryStorage() } });
    for (const name of ['a', 'deep/b', 'deep/er/c', '.hidden', '.git/x'])
      await storage.put(at('source', ...name.split('/')), bytes(name));
  });

  it('a file to a path, over what is there, or into a folder', async () => {
    expect(await copyFileIn(storage, at('source', 'a'), to('new', 'copy'))).toBe(to('new', 'copy'));
    await storage.put(to('old'), bytes('something longer'));
    await copyFileIn(storage, at('source', 'a'), to('old'));
    expect(await copyFileIn(storage, at('source', 'deep', 'b'), to('new'))).toBe(to('new', 'b'));
    expect([await text(storage, to('new', 'copy')), await text(storage, to('old'))]).toEqual(['a', 'a']);
    expect(await text(storage, to('new', 'b'))).toBe('deep/b');
  });

  it('a file never onto itself, nor what is not there', async () => {
    for (const target of [at('source', 'a'), at('source', 'deep', '..', 'a'), at('source')])
      await expect(copyFileIn(storage, at('source', 'a'), target)).rejects.toThrow('ENGINE_FILEIO_SAME_FILE');
    expect(await text(storage, at('source', 'a'))).toBe('a');
    await expect(copyFileIn(storage, at('absent'), to('x'))).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
  });

  it('a folder with everything in it, to where nothing is', async () => {
    expect(await copyTreeIn(storage, at('source'), to('copy'))).toBe(to('copy'));
    expect(await storage.list(to('copy'))).toEqual(['.git', '.hidden', 'a', 'deep']);
    expect(await text(storage, to('copy', 'deep', 'er', 'c'))).toBe('deep/er/c');
    await expect(copyTreeIn(storage, at('source'), to('copy'))).rejects.toThrow('ENGINE_FILEIO_EXISTS');
    await expect(copyTreeIn(storage, at('source'), at('source', 'in'))).rejects.toThrow('ENGINE_FILEIO_SAME_FILE');
    await copyTreeIn(storage, at('source'), to('source2'));
  });

  it('walks through a folder in order, past hidden names', async () => {
    const found: Found[] = [];
    for await (const each of walk(storage, at('source'), true)) found.push(each);
    expect(found).toEqual([
      { path: 'a', type: 'file' },
      { path: 'deep', type: 'folder' },
      { path: 'deep/b', type: 'file' },
      { path: 'deep/er', type: 'folder' },
      { path: 'deep/er/c', type: 'file' },
    ]);
    const flat: string[] = [];
    for await (const { path } of walk(storage, at('source'), false)) flat.push(path);
    expect(flat).toEqual(['a', 'deep']);
  });
});

describe('copies', () => {
  it.skipIf(process.platform === 'win32')('keep permissions on this machine', async () => {
    const storage = nodeStorage();
    await storage.put(join(folder, 'run.sh'), bytes('#!'));
    await chmod(join(folder, 'run.sh'), 0o750);
    await copyFileIn(storage, join(folder, 'run.sh'), join(folder, 'copy.sh'));
    expect((await stat(join(folder, 'copy.sh'))).mode & 0o777).toBe(0o750);
  });

  it('are named by the last part of a path or URL', () => {
    const names = ['a', '/a/b.c', 'a/b/', 'C:\\a\\b', 'https://host/a/b.bin?x=/y#z', 's3://bucket/k', ''].map(baseName);
    expect(names).toEqual(['a', 'b.c', 'b', 'b', 'b.bin', 'k', '']);
  });
});
