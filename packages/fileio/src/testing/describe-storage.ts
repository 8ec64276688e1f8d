import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageBackend } from '../contract.js';
import { describeReadableStorage } from './describe-readable-storage.js';
import { FaultyStorage } from './faulty-storage.js';

/** A storage and an empty folder in it. */
export interface StorageFixture {
  readonly storage: StorageBackend;
  readonly root: string;
  cleanUp?(): void | Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = async (storage: StorageBackend, path: string): Promise<string> =>
  new TextDecoder().decode(await storage.get(path));

/** The rules that every storage backend keeps. `make` gives a fresh one for each test. */
export function describeStorage(name: string, make: () => StorageFixture | Promise<StorageFixture>): void {
  describeReadableStorage(name, async () => {
    const { storage, root, cleanUp } = await make();
    return {
      storage,
      root,
      write: (file, content) => storage.put(storage.join(root, file), content),
      cleanUp: () => cleanUp?.(),
    };
  });
  describe(`storage ${name}`, () => {
    let fixture: StorageFixture;
    let storage: StorageBackend;
    let at: (...parts: string[]) => string;
    beforeEach(async () => {
      fixture = await make();
      storage = fixture.storage;
      at = (...parts) => storage.join(fixture.root, ...parts);
    });
    afterEach(async () => fixture.cleanUp?.());

    describe.each(['put', 'putAtomic'] as const)('%s', (write) => {
      it('keeps what it is given, whole or in chunks, and makes folders', async () => {
        await storage[write](at('a', 'b', 'whole'), bytes('hello'));
        await storage[write](at('a', 'chunks'), [bytes('hel'), bytes(''), bytes('lo')]);
        await storage[write](at('empty'), []);
        expect(await text(storage, at('a', 'b', 'whole'))).toBe('hello');
        expect(await text(storage, at('a', 'chunks'))).toBe('hello');
        expect((await storage.get(at('empty'))).length).toBe(0);
      });

      it('replaces a longer file entirely', async () => {
        await storage[write](at('file'), bytes('a long content'));
        await storage[write](at('file'), bytes('short'));
        expect(await text(storage, at('file'))).toBe('short');
      });

      it('asks for a chunk only after the one before', async () => {
        const shared = new Uint8Array(1);
        function* counting(): Iterable<Uint8Array> {
          for (let i = 0; i < 5; i += 1) {
            shared[0] = i;
            yield shared;
          }
        }
        await storage[write](at('file'), counting());
        expect([...(await storage.get(at('file')))]).toEqual([0, 1, 2, 3, 4]);
      });

      it('refuses to replace a folder', async () => {
        await storage.makeDir(at('folder'));
        await expect(storage[write](at('folder'), bytes('x'))).rejects.toThrow('ENGINE_FILEIO_');
        expect(await storage.list(at('folder'))).toEqual([]);
      });
    });

    it('gives bytes that belong to the caller', async () => {
      const source = Buffer.from('abc');
      await storage.put(at('file'), source);
      source[0] = 0;
      (await storage.get(at('file')))[1] = 0;
      expect(await text(storage, at('file'))).toBe('abc');
    });

    it('leaves the old file alone when an atomic write fails, at whatever byte', async () => {
      const content = bytes('0123456789');
      for (let failAtByte = 0; failAtByte < content.length; failAtByte += 1) {
        const full = new FaultyStorage(storage, { failAtByte });
        await storage.putAtomic(at('file'), bytes('old'));
        const chunks = [content.subarray(0, 4), content.subarray(4)];
        await expect(full.putAtomic(at('file'), chunks)).rejects.toThrow('ENGINE_FILEIO_NO_SPACE');
        expect(await text(storage, at('file'))).toBe('old');
        await expect(full.putAtomic(at('new'), chunks)).rejects.toThrow('ENGINE_FILEIO_NO_SPACE');
        expect(await storage.exists(at('new'))).toBe(false);
        expect(await storage.list(fixture.root)).toEqual(['file']);
      }
    });

    it('appends, making file and folders', async () => {
      await storage.append(at('log', 'a.log'), 'one\n');
      await storage.append(at('log', 'a.log'), 'zwei ≥\n');
      expect(await text(storage, at('log', 'a.log'))).toBe('one\nzwei ≥\n');
    });

    it('appends bytes as they are', async () => {
      await storage.append(at('events'), Uint8Array.from([0, 255, 128]));
      await storage.append(at('events'), Uint8Array.from([10, 13]));
      expect([...(await storage.get(at('events')))]).toEqual([0, 255, 128, 10, 13]);
    });

    it('says NOT_FOUND, and IS_A_FOLDER, with the path', async () => {
      await expect(storage.get(at('absent'))).rejects.toMatchObject({
        code: 'ENGINE_FILEIO_NOT_FOUND',
        message: expect.stringContaining('absent'),
      });
      await storage.makeDir(at('folder'));
      await expect(storage.get(at('folder'))).rejects.toThrow('ENGINE_FILEIO_IS_A_FOLDER');
      await expect(storage.remove(at('folder'))).rejects.toThrow('ENGINE_FILEIO_IS_A_FOLDER');
      await storage.put(at('file'), bytes('x'));
      await expect(storage.put(at('file', 'below'), bytes('x'))).rejects.toThrow('ENGINE_FILEIO_NOT_A_FOLDER');
      await expect(storage.list(at('file'))).rejects.toThrow('ENGINE_FILEIO_NOT_A_FOLDER');
      await expect(storage.get('')).rejects.toThrow('ENGINE_FILEIO_BAD_URI');
    });

    it('removes files, and does not mind absent ones', async () => {
      await storage.put(at('file'), bytes('x'));
      await storage.remove(at('file'));
      await storage.remove(at('file'));
      expect(await storage.exists(at('file'))).toBe(false);
    });

    it('lists names in order, folders too; nothing for an absent folder', async () => {
      for (const path of [at('b'), at('a', 'x'), at('c')]) await storage.put(path, bytes('x'));
      expect(await storage.list(fixture.root)).toEqual(['a', 'b', 'c']);
      expect(await storage.list(at('absent'))).toEqual([]);
      expect(await storage.exists(at('a'))).toBe(true);
      expect(await storage.exists(at('b', 'below'))).toBe(false);
    });

    it('tells folders from files', async () => {
      await storage.put(at('a', 'file'), bytes('12345'));
      expect(await storage.stat(at('a'))).toMatchObject({ type: 'folder' });
      expect(await storage.stat(at('a', 'file', 'below'))).toBeUndefined();
    });

    it('removes folders with everything in them, files too, and does not mind absent ones', async () => {
      for (const path of [at('a', 'b', 'c'), at('a', 'd'), at('ab'), at('e')]) await storage.put(path, bytes('x'));
      for (const path of [at('a'), at('e'), at('absent')]) await storage.removeTree(path);
      expect(await storage.list(fixture.root)).toEqual(['ab']);
      await storage.removeTree(fixture.root);
      expect(await storage.exists(at('ab'))).toBe(false);
    });

    it('makes folders, also again', async () => {
      await storage.makeDir(at('x', 'y'));
      await storage.makeDir(at('x', 'y'));
      expect(await storage.list(at('x'))).toEqual(['y']);
    });

    it('renames files and folders, over a file too', async () => {
      await storage.put(at('run', 'a'), bytes('a'));
      await storage.put(at('b'), bytes('b'));
      await storage.rename(at('run'), at('old', 'run'));
      await storage.rename(at('b'), at('old', 'run', 'a'));
      expect(await text(storage, at('old', 'run', 'a'))).toBe('b');
      expect(await storage.list(fixture.root)).toEqual(['old']);
      await expect(storage.rename(at('absent'), at('x'))).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
    });

    it('locks a path against everybody, until released', async () => {
      const release = await storage.lock(at('run'));
      await expect(storage.lock(at('run'))).rejects.toThrow('ENGINE_FILEIO_LOCKED');
      const other = await storage.lock(at('other'));
      await release();
      await release();
      const again = await storage.lock(at('run'));
      await release();
      await expect(storage.lock(at('run'))).rejects.toThrow('ENGINE_FILEIO_LOCKED');
      await again();
      await other();
    });

    it('gives a lock to exactly one of many', async () => {
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => storage.lock(at('run'))));
      const won = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(won).toHaveLength(1);
      await won[0]?.();
    });
  });
}
