import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalStorage } from './local-storage.js';
import { makeFolder } from './make-folder.js';

describe('makeFolder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'engine-folder-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('makes what is missing, and is content with what is there', async () => {
    const deep = join(root, 'a/b/c');
    await makeFolder(deep);
    await makeFolder(deep);
    await makeFolder(root);
    await makeFolder('/');
    expect(statSync(deep).isDirectory()).toBe(true);
  });

  it('may be asked for overlapping folders at the same time', async () => {
    const folders = Array.from({ length: 20 }, (_, i) => join(root, 'x', String(i % 3), 'y', String(i)));
    await Promise.all(folders.map(makeFolder));
    expect(folders.every(existsSync)).toBe(true);
  });

  it('refuses a place that is a file, or below one', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file/below/it'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(existsSync('/proc/self'))('gives up where the file system takes no folders', async () => {
    await expect(makeFolder('/proc/engine/runs')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(new LocalStorage().makeDir('/proc/engine/runs')).rejects.toMatchObject({
      code: expect.stringMatching(/^ENGINE_FILEIO_/),
    });
  });
});
