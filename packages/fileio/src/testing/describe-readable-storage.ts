import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageBackend } from '../contract.js';

/** A storage, an address in it, and a way to put files below that address which need not be the storage's own. */
export interface ReadableStorageFixture {
  readonly storage: StorageBackend;
  readonly root: string;
  write(name: string, content: Uint8Array): void | Promise<void>;
  cleanUp?(): void | Promise<void>;
}

/** The rules that storages keep which can at least be read. `make` gives a fresh one for each test. */
export function describeReadableStorage(
  name: string,
  make: () => ReadableStorageFixture | Promise<ReadableStorageFixture>,
): void {
  describe(`readable storage ${name}`, () => {
    let fixture: ReadableStorageFixture;
    let storage: StorageBackend;
    const at = (...parts: string[]): string => storage.join(fixture.root, ...parts);
    beforeEach(async () => {
      fixture = await make();
      storage = fixture.storage;
    });
    afterEach(async () => fixture.cleanUp?.());

    it('gives whole files, whose bytes belong to the caller', async () => {
      const content = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
      await fixture.write('big.bin', content);
      await fixture.write('empty', new Uint8Array());
      const first = await storage.get(at('big.bin'));
      expect(first).toEqual(content);
      first[0] = 9;
      expect((await storage.get(at('big.bin'), { cached: true }))[0]).toBe(0);
      expect(await storage.get(at('empty'))).toHaveLength(0);
    });

    it('tells what is there', async () => {
      await fixture.write('file', new Uint8Array(5));
      expect(await storage.stat(at('file'))).toEqual({ type: 'file', size: 5 });
      expect(await storage.exists(at('file'))).toBe(true);
      expect(await storage.stat(at('absent'))).toBeUndefined();
      expect(await storage.exists(at('absent'))).toBe(false);
    });

    it('says NOT_FOUND with the path, and BAD_URI for none', async () => {
      await expect(storage.get(at('absent.bin'))).rejects.toMatchObject({
        code: 'ENGINE_FILEIO_NOT_FOUND',
        message: expect.stringContaining('absent.bin'),
      });
      await expect(storage.get('')).rejects.toThrow('ENGINE_FILEIO_BAD_URI');
    });

    it('resolves and joins paths to one form', async () => {
      await fixture.write('a', new Uint8Array([7]));
      const absolute = storage.resolve(at('b', '..', 'a'));
      expect(storage.resolve(absolute)).toBe(absolute);
      expect(await storage.get(absolute)).toEqual(new Uint8Array([7]));
    });
  });
}
