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
  readonly method: 'put' | 'putAtomic' | 'append' | 'get' | 'remove' | 'exists' | 'list' | 'makeDir';
  readonly path: readonly string[];
  readonly text: string;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  method: fc.constantFrom('put', 'putAtomic', 'append', 'get', 'remove', 'exists', 'list', 'makeDir'),
  path: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }),
  text: fc.string(),
});

/** What a step gives or, when it fails, whether it was the caller's fault. */
async function take(storage: StorageBackend, base: string, { method, path, text }: Step): Promise<unknown> {
  const at = storage.join(base, ...path);
  const bytes = new TextEncoder().encode(text);
  try {
    if (method === 'put' || method === 'putAtomic')
      return await storage[method](at, [bytes.subarray(0, 1), bytes.subarray(1)]);
    if (method === 'append') return await storage.append(at, text);
    if (method === 'get') return new TextDecoder().decode(await storage.get(at));
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
      { numRuns: 60 },
    );
  });
});
