import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalStorage } from './local-storage.js';
import { MemoryStorage } from './memory-storage.js';
import { nodeStorage } from './node-storage.js';
import { httpStorageEntry } from './storage-entries.js';
import { prefixOf, StorageRouter } from './storage-router.js';
import { canonicalSettings, describeStorage, FileServer } from './testing/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-router-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const routed = () => nodeStorage({ storages: { memory: new MemoryStorage() } });
const temporary = async () => {
  const root = await mkdtemp(join(tmpdir(), 'engine-routed-'));
  return { storage: routed(), root, cleanUp: () => rm(root, { recursive: true, force: true }) };
};
describeStorage('router, local', temporary);
describeStorage('router, memory', () => ({ storage: routed(), root: 'memory:///work dir' }));

describe('StorageRouter', () => {
  it('serves paths and file:// from this machine, other prefixes as it is told', () => {
    const [local, memory] = [new LocalStorage(), new MemoryStorage()];
    const router = new StorageRouter({ '': local, file: local, memory });
    expect(router.name).toBe('local, memory');
    for (const path of ['runs/a', '/abs', 'file:///abs', 'C:\\runs', 'a:b', 'x//y'])
      expect(router.select(path)).toBe(local);
    for (const path of ['memory://runs', 'MEMORY:///a', 'cluster:memory://a']) expect(router.select(path)).toBe(memory);
  });

  it('finds the prefix as the reference does', () => {
    expect(['s3://a', 'petrel://a', 'cluster:s3://a', 'a', '/a/b', 'https://host/?u=s3://a'].map(prefixOf)).toEqual([
      's3',
      'petrel',
      's3',
      '',
      '',
      'https',
    ]);
  });

  it('says which prefixes there are, and where to add one', async () => {
    await expect(routed().get('s3://bucket/a')).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_UNKNOWN_PREFIX',
      expected: expect.stringContaining('https://'),
      action: expect.stringContaining('storages: { s3:'),
    });
    expect(() => new StorageRouter({}).select('a')).toThrow('a path without prefix');
  });

  it('lays other storages over what is there', () => {
    const [first, second] = [new MemoryStorage(), new MemoryStorage()];
    const over = StorageRouter.over(StorageRouter.over(first, { a: first }), { b: second });
    expect([over.select('x'), over.select('a://x'), over.select('b://x')]).toEqual([first, first, second]);
    expect(StorageRouter.over(over, { a: second }).select('a://x')).toBe(second);
    expect(over.select('a://x')).toBe(first);
  });

  it('moves files and folders from one storage to another', async () => {
    const storage = routed();
    await storage.put('memory:///run/a', bytes('a'));
    await storage.put('memory:///run/deep/b', bytes('b'));
    await storage.rename('memory:///run', join(folder, 'run'));
    expect(await storage.list(join(folder, 'run'))).toEqual(['a', 'deep']);
    expect(await storage.list('memory:///')).toEqual([]);
    await storage.rename(join(folder, 'run', 'a'), 'memory:///c');
    expect(await storage.get('memory:///c')).toEqual(bytes('a'));
    await expect(storage.rename(join(folder, 'absent'), 'memory:///d')).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
  });

  it('keeps the prefix of what it resolves and joins, so that it finds the storage again', () => {
    const storage = routed();
    expect(storage.resolve('memory:///a/../b')).toBe('memory:///b');
    expect(storage.join('memory:///', 'a', 'b')).toBe('memory:///a/b');
    expect(storage.join('https://host.example/a', 'b')).toBe('https://host.example/a/b');
    expect(storage.resolve(pathToFileURL(folder).href)).toBe(folder);
  });

  it('reads from the web', async () => {
    const server = await FileServer.start();
    try {
      const storage = nodeStorage({ cacheFolder: folder, http: { retries: 0 } });
      const url = server.put('/a', 'web');
      expect(await storage.get(url)).toEqual(bytes('web'));
      const { path, release } = await storage.localPath(url);
      expect(await storage.get(path)).toEqual(bytes('web'));
      await release();
    } finally {
      await server.stop();
    }
  });
});

describe('httpStorageEntry', () => {
  const { options } = canonicalSettings['storageBackend/HttpStorage'];

  it('sends the token of an environment variable, which must be there', async () => {
    const server = await FileServer.start();
    try {
      const storage = httpStorageEntry.create({ ...options, cacheFolder: folder } as never, undefined as never);
      await storage.get(server.put('/a', ''));
      expect(server.requests[0]?.headers).toMatchObject({
        'x-client': 'engine',
        authorization: `Bearer ${process.env['PATH']}`,
      });
    } finally {
      await server.stop();
    }
    const without = { ...options, tokenFrom: 'NO_SUCH_VARIABLE_HERE' };
    expect(() => httpStorageEntry.create(without as never, undefined as never)).toThrow('ENGINE_FILEIO_NO_TOKEN');
  });
});
