import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LocalStorage } from './local-storage.js';
import { MemoryStorage } from './memory-storage.js';
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

describe('LocalStorage', () => {
  it('refuses broken file URIs', () => {
    expect(() => new LocalStorage().resolve('file://host.example/share')).toThrow('ENGINE_FILEIO_BAD_URI');
  });

  it('does not take the URI of another storage for a folder', async () => {
    const storage = new LocalStorage();
    for (const uri of ['s3://bucket/runs', 'https://host.example/a']) {
      expect(() => storage.resolve(uri)).toThrow('ENGINE_FILEIO_BAD_URI');
      await expect(storage.makeDir(uri)).rejects.toThrow('ENGINE_FILEIO_BAD_URI');
    }
    expect(storage.resolve('C:/runs')).toMatch(/C:.runs$/);
  });
});

describe('MemoryStorage', () => {
  it('has no paths for other programs', async () => {
    await expect(new MemoryStorage().localPath('/a')).rejects.toThrow('ENGINE_FILEIO_UNSUPPORTED');
  });
});
