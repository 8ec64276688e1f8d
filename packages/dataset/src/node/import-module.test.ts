import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleImporter } from './import-module.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-module-'));
  const files = {
    'app/parts.ts': 'export const typed: number = 3;',
    'app/parts.mjs': "export const plain = 'mjs';",
    'app/broken.mjs': "throw new Error('broken inside');",
    'app/node_modules/parts-of-app/package.json': '{ "name": "parts-of-app", "exports": { "import": "./x.mjs" } }',
    'app/node_modules/parts-of-app/x.mjs': "export const from = 'app';",
    'store/standard/node_modules/@engine/standard/package.json': '{ "name": "@engine/standard", "main": "x.cjs" }',
    'store/standard/node_modules/@engine/standard/x.cjs': '',
    'store/standard/node_modules/first-party/package.json': '{ "name": "first-party", "main": "x.cjs" }',
    'store/standard/node_modules/first-party/x.cjs': "exports.from = 'the store';",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, 'app/node_modules/@engine'));
  symlinkSync(
    join(folder, 'store/standard/node_modules/@engine/standard'),
    join(folder, 'app/node_modules/@engine/standard'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const importModule = (specifier: string) => moduleImporter([join(folder, 'app')])(specifier);

describe('moduleImporter', () => {
  it('imports files by path and URL, TypeScript too', async () => {
    expect((await importModule(join(folder, 'app/parts.mjs'))).plain).toBe('mjs');
    expect((await importModule(pathToFileURL(join(folder, 'app/parts.ts')).href)).typed).toBe(3);
  });

  it('imports packages of the app, those without CommonJS too', async () => {
    expect((await importModule('parts-of-app')).from).toBe('app');
  });

  it('imports what only @engine/standard can see, as strict package managers have it', async () => {
    expect((await importModule('first-party')).from).toBe('the store');
  });

  it('finds this package wherever the app is', async () => {
    expect(Object.keys(await importModule('@engine/dataset/worker'))).toEqual([]); // in this thread it does nothing
  });

  it('says what it did not find, and passes on what a module throws', async () => {
    await expect(importModule('no-such-package')).rejects.toMatchObject({ code: 'ENGINE_DATASET_NOT_EXPORTED' });
    await expect(importModule(join(folder, 'app/broken.mjs'))).rejects.toThrow('broken inside');
  });

  it('imports each module once', () => {
    const importer = moduleImporter([folder]);
    expect(importer(join(folder, 'app/parts.mjs'))).toBe(importer(join(folder, 'app/parts.mjs')));
  });
});
