/** What docs/files.md claims: its configs name what exists, its storage is the example's and keeps to the contract. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileFormats, nodeStorage, type StorageBackend, StorageRouter } from '@engine/fileio';
import { describeStorage } from '@engine/fileio/testing';
import type { Registry } from '@engine/registry';
import { createRegistry } from '@engine/standard';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { bucketStorageEntry } from './files/bucket-storage.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const page = readFileSync(here('../../docs/files.md'), 'utf8');
const configs = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
const folder = mkdtempSync(join(tmpdir(), 'engine-files-page-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

interface Config {
  readonly storages?: Readonly<Record<string, object>>;
  readonly defaultHooks: { readonly checkpoint: { readonly outDir: string } };
}

/** The storages of a config on the page, as a run makes them, and where it keeps checkpoints. */
async function storagesOf(text: string, registry: Registry): Promise<{ storage: StorageBackend; outDir: string }> {
  const { storages, defaultHooks } = (await FileFormats.standard.parse(
    new TextEncoder().encode(text),
    'page.yaml',
  )) as Config;
  const built = Object.entries(storages ?? {}).map(([prefix, config]) => [
    prefix,
    registry.build('storageBackend', config as never, { path: `storages.${prefix}` }),
  ]);
  return {
    storage: StorageRouter.over(nodeStorage(), Object.fromEntries(built) as Record<string, StorageBackend>),
    outDir: defaultHooks.checkpoint.outDir,
  };
}

describe('docs/files.md', () => {
  it('shows the example as it is', () => {
    expect(page).toContain(readFileSync(here('./files/bucket-storage.ts'), 'utf8'));
  });

  it.each(configs.filter((text) => text.includes('outDir')))('names what exists: %s', async (text) => {
    vi.stubEnv('HF_TOKEN', 'of the test');
    vi.stubEnv('ENGINE_CACHE', folder);
    const registry = createRegistry();
    registry.register(bucketStorageEntry);
    const { storage, outDir } = await storagesOf(text, registry);
    await storage.putAtomic(storage.join(outDir, 'a'), new Uint8Array(3));
    expect(await storage.stat(storage.join(outDir, 'a'))).toEqual({ type: 'file', size: 3 });
  });
});

const registry = createRegistry();
registry.register(bucketStorageEntry);
describeStorage('bucket', () => ({
  storage: registry.build('storageBackend', { type: 'BucketStorage', bucket: 'mine' } as never, {
    path: 'storages.bucket',
  }),
  root: '/',
}));
