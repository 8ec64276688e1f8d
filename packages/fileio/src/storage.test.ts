import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LocalStorage } from './local-storage.js';
import { MemoryStorage } from './memory-storage.js';
import { StorageTable } from './storage-table.js';
import { describeStorage } from './testing/index.js';

const temporary = async () => {
  const root = await mkdtemp(join(tmpdir(), 'engine-fileio-'));
  return { storage: new LocalStorage(), root, cleanUp: () => rm(root, { recursive: true, force: true }) };
};

describeStorage('local', temporary);
describeStorage('local, by file:// URI', async () => {
  const { root, ...rest } = await temporary();
  return { ...rest, root: pathToFileURL(root).href };
});
describeStorage('memory', () => ({ storage: new MemoryStorage(), root: '/work dir' }));

describe('StorageTable', () => {
  it('serves paths and file:// from this machine, other prefixes as registered', () => {
    const memory = new MemoryStorage();
    const table = new StorageTable().register('memory', memory);
    for (const path of ['runs/a', '/abs', 'file:///abs', 'C:\\runs']) expect(table.select(path).name).toBe('local');
    expect(table.select('memory://runs')).toBe(memory);
  });

  it('refuses unknown and doubled prefixes, and a second backend for one', () => {
    const table = new StorageTable();
    expect(() => table.select('s3://bucket/runs')).toThrow(
      /ENGINE_FILEIO_UNKNOWN_PREFIX .*[^]*begins with one of file/,
    );
    expect(() => table.select('a://b://c')).toThrow('ENGINE_FILEIO_BAD_URI');
    const memory = new MemoryStorage();
    expect(() => table.register('file', memory)).toThrow('ENGINE_FILEIO_PREFIX_TAKEN');
    expect(table.register('', memory, { force: true }).select('runs')).toBe(memory);
  });

  it('refuses broken file URIs', () => {
    expect(() => new LocalStorage().resolve('file://host.example/share')).toThrow('ENGINE_FILEIO_BAD_URI');
  });
});

describe('MemoryStorage', () => {
  it('has no paths for other programs', async () => {
    await expect(new MemoryStorage().localPath('/a')).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
  });
});
