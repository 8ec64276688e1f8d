import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StorageBackend } from './contract.js';
import { LocalStorage } from './local-storage.js';
import { MemoryStorage } from './memory-storage.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'engine-agree-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Step {
  readonly method: 'put' | 'putAtomic' | 'append' | 'get' | 'remove' | 'exists' | 'list' | 'makeDir' | 'rename';
  readonly path: readonly string[];
  /** For `rename`. */
  readonly to: readonly string[];
  readonly text: string;
}

const somewhere = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 });
const anyStep: fc.Arbitrary<Step> = fc.record({
  method: fc.constantFrom('put', 'putAtomic', 'append', 'get', 'remove', 'exists', 'list', 'makeDir', 'rename'),
  path: somewhere,
  to: somewhere,
  text: fc.string(),
});

const isFolder = (storage: StorageBackend, path: string): Promise<boolean> =>
  storage.list(path).then(
    () => true,
    () => false,
  );

/** What a step gives or, when it fails, whether it was the caller's fault. */
async function take(storage: StorageBackend, base: string, { method, path, to, text }: Step): Promise<unknown> {
  const at = storage.join(base, ...path);
  const bytes = new TextEncoder().encode(text);
  try {
    if (method === 'put' || method === 'putAtomic')
      return await storage[method](at, [bytes.subarray(0, 1), bytes.subarray(1)]);
    if (method === 'append') return await storage.append(at, text);
    if (method === 'get') return new TextDecoder().decode(await storage.get(at));
    if (method === 'rename') {
      const target = storage.join(base, ...to);
      // What becomes of an existing folder in the way is the system's own affair.
      if ((await storage.exists(target)) && (await isFolder(storage, target))) return undefined;
      return await storage.rename(at, target);
    }
    return await storage[method](at);
  } catch (error) {
    return (error as { kind?: unknown }).kind;
  }
}

describe('MemoryStorage and LocalStorage', () => {
  it('do the same in any sequence of calls', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
        run += 1;
        const [local, memory] = [new LocalStorage(), new MemoryStorage()];
        const folder = join(root, String(run));
        await local.makeDir(folder);
        await memory.makeDir('/base');
        for (const step of steps) {
          expect(await take(memory, '/base', step), JSON.stringify(step)).toEqual(await take(local, folder, step));
        }
      }),
      { numRuns: 100 },
    );
  });
});
