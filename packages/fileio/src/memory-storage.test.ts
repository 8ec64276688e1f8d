import { describe, expect, it } from 'vitest';
import { MemoryStorage } from './memory-storage.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function tree(storage: MemoryStorage, folder = '/'): Promise<string[]> {
  const found: string[] = [];
  for (const name of await storage.list(folder)) {
    const path = storage.join(folder, name);
    const isFolder = await storage.get(path).then(
      () => false,
      () => true,
    );
    found.push(isFolder ? `${path}/` : path, ...(isFolder ? await tree(storage, path) : []));
  }
  return found;
}

describe('MemoryStorage', () => {
  it.each([
    ['a', '/a'],
    ['/a//b/./c', '/a/b/c'],
    ['../../a', '/a'],
    ['/a/b/../../..', '/'],
    ['a/..', '/'],
  ])('resolves %s to %s', (path, absolute) => {
    expect(new MemoryStorage().resolve(path)).toBe(absolute);
  });

  it('keeps its bytes to itself, whoever writes into theirs', async () => {
    const storage = new MemoryStorage();
    const parts = [bytes('ab'), bytes('cd')];
    await storage.put('/f', parts);
    parts[0]?.fill(0);
    const read = await storage.get('/f');
    read.fill(0);
    expect(new TextDecoder().decode(await storage.get('/f'))).toBe('abcd');
  });

  it('writes nothing when the chunks fail midway', async () => {
    const storage = new MemoryStorage();
    await storage.put('/f', bytes('old'));
    function* broken(): Iterable<Uint8Array> {
      yield bytes('new');
      throw new Error('source');
    }
    await expect(storage.put('/f', broken())).rejects.toThrow('source');
    await expect(storage.putAtomic('/x/g', broken())).rejects.toThrow('source');
    expect(new TextDecoder().decode(await storage.get('/f'))).toBe('old');
    expect(await tree(storage)).toEqual(['/f']);
  });

  it('appends in the order of the calls, awaited or not', async () => {
    const storage = new MemoryStorage();
    await Promise.all(Array.from({ length: 50 }, (_, i) => storage.append('/log', `${i};`)));
    const text = new TextDecoder().decode(await storage.get('/log'));
    expect(text).toBe(Array.from({ length: 50 }, (_, i) => `${i};`).join(''));
  });

  it('renames whole folders, and only those whose name is the whole name', async () => {
    const storage = new MemoryStorage();
    for (const path of ['/run/a', '/run/deep/b', '/run2/c']) await storage.put(path, bytes(path));
    await storage.rename('/run', '/old/run');
    expect(await tree(storage)).toEqual([
      '/old/',
      '/old/run/',
      '/old/run/a',
      '/old/run/deep/',
      '/old/run/deep/b',
      '/run2/',
      '/run2/c',
    ]);
  });

  it('renames a thing to itself without losing it', async () => {
    const storage = new MemoryStorage();
    await storage.put('/d/f', bytes('x'));
    await storage.rename('/d/f', '/d/f');
    expect(await tree(storage)).toEqual(['/d/', '/d/f']);
  });

  it('refuses to move a folder into itself or over a file, and changes nothing', async () => {
    const storage = new MemoryStorage();
    await storage.put('/d/f', bytes('x'));
    await storage.put('/file', bytes('y'));
    const before = await tree(storage);
    await expect(storage.rename('/d', '/d/below/d')).rejects.toThrow('ENGINE_FILEIO_IO_FAILED');
    await expect(storage.rename('/d', '/file')).rejects.toThrow('ENGINE_FILEIO_NOT_A_FOLDER');
    await expect(storage.rename('/file', '/d')).rejects.toThrow('ENGINE_FILEIO_IS_A_FOLDER');
    expect(await tree(storage)).toEqual(before);
  });

  it('locks by resolved path', async () => {
    const storage = new MemoryStorage();
    const release = await storage.lock('/run/x/..');
    await expect(storage.lock('/run')).rejects.toThrow('ENGINE_FILEIO_LOCKED');
    await release();
    await (await storage.lock('/run'))();
  });
});
