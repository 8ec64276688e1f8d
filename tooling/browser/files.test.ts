/** Files of web servers in a tab: `@engine/fileio/web`, bundled as a user would. The bundle runs here, where `fetch` is the same. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FileServer } from '@engine/fileio/testing';
import type * as web from '@engine/fileio/web';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'engine-web-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('@engine/fileio/web', () => {
  it('bundles without anything of Node, and reads from a web server', async () => {
    const { outputFiles, warnings } = await build({
      stdin: { contents: "export * from '@engine/fileio/web';", resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
    });
    // Chunks import each other for their order alone; what has no side effect may be left out, and esbuild says so.
    expect(warnings.filter(({ id }) => id !== 'ignored-bare-import')).toEqual([]);
    const text = outputFiles[0]?.text ?? '';
    expect(text).not.toMatch(/(from|import\() ?"node:/);

    writeFileSync(join(folder, 'bundle.mjs'), text);
    const { HttpStorage, MemoryStorage, StorageRouter, FileFormats } = (await import(
      /* @vite-ignore */ pathToFileURL(join(folder, 'bundle.mjs')).href
    )) as typeof web;
    const server = await FileServer.start();
    try {
      const http = new HttpStorage({ retries: 1, backoff: 1 });
      const storage = new StorageRouter({ '': new MemoryStorage(), http });
      const url = server.put('/a.yaml', 'classes: [cat, dog]\n', [{ status: 503 }]);
      expect(await FileFormats.standard.parse(() => storage.get(url), url)).toEqual({ classes: ['cat', 'dog'] });
    } finally {
      await server.stop();
    }
  });
});
