import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerProblems } from './layers.mjs';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'layers-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A workspace of packages whose `src/index.ts` (or the named file) has this text. */
async function workspace(files: Record<string, string>): Promise<void> {
  const names = new Set(Object.keys(files).map((file) => file.split('/')[0] ?? ''));
  for (const [file, text] of Object.entries(files)) {
    const path = join(root, 'packages', file.includes('/') ? file.replace('/', '/src/') : `${file}/src/index.ts`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  for (const name of names) {
    const folder = join(root, 'packages', name);
    const exports = { '.': { '@engine/source': './src/index.ts', default: './dist/index.js' } };
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `@engine/${name}`, type: 'module', exports }));
    await mkdir(join(folder, 'node_modules/@engine'), { recursive: true });
    for (const other of names)
      await symlink(join(root, 'packages', other), join(folder, 'node_modules/@engine', other));
  }
}

const rulesBroken = async () => (await layerProblems(root)).map((problem) => problem.split(':')[0]);

describe('layers', () => {
  it('accepts arrows that point down, and types beside', async () => {
    await workspace({
      core: 'export const a = 1;',
      optim: `import { a } from '@engine/core'; import type { M } from '@engine/model'; export const o = a as M;`,
      model: `export { a } from '@engine/core'; export type M = number;`,
    });
    expect(await layerProblems(root)).toEqual([]);
  });

  it.each([
    [
      'core that imports anything',
      'no-upward-from-core',
      { core: `export { o } from '@engine/optim';`, optim: 'export const o = 1;' },
    ],
    [
      'a type from above',
      'no-upward-from-core',
      { core: `import type { O } from '@engine/optim'; export type C = O;`, optim: 'export type O = 1;' },
    ],
    [
      'ground against its order',
      'no-upward-from-logging',
      { logging: `export { c } from '@engine/config';`, config: 'export const c = 1;' },
    ],
    [
      'a part that runs a part',
      'types-only-beside-optim',
      { optim: `export { m } from '@engine/model';`, model: 'export const m = 1;' },
    ],
    [
      'a value import beside a type import of the same package',
      'types-only-beside-optim',
      {
        optim: `import type { M } from '@engine/model'; import { m } from '@engine/model'; export const o: M = m;`,
        model: 'export const m = 1; export type M = number;',
      },
    ],
    [
      'a part that imports a backend',
      'backends-are-chosen-by-the-user',
      { model: `export { b } from '@engine/backend-cpu';`, 'backend-cpu': 'export const b = 1;' },
    ],
    [
      'standard with a second backend',
      'standard-has-wasm-only',
      { standard: `export { b } from '@engine/backend-cpu';`, 'backend-cpu': 'export const b = 1;' },
    ],
    [
      'a backend above core',
      'backends-stand-on-core',
      { 'backend-cpu': `export { m } from '@engine/model';`, model: 'export const m = 1;' },
    ],
    [
      'a path into another package',
      'packages-by-name',
      { runner: `export { m } from '../../model/src/index.js';`, model: 'export const m = 1;' },
    ],
    ['node in a package that runs anywhere', 'runs-anywhere', { model: `export { readFile } from 'node:fs';` }],
  ])('refuses %s', async (_, rule, files) => {
    await workspace(files as unknown as Record<string, string>);
    expect(await rulesBroken()).toContain(rule);
  });

  it('lets config read files in src/node and tests import what they like', async () => {
    await workspace({
      config: 'export const c = 1;',
      'config/node/index.ts': `export { readFile } from 'node:fs';`,
      core: 'export const a = 1;',
      'core/a.test.ts': `import { b } from '@engine/backend-cpu'; import { readFile } from 'node:fs'; export { b, readFile };`,
      'backend-cpu': 'export const b = 1;',
    });
    expect(await layerProblems(root)).toEqual([]);
  });

  it('reports an import that leads nowhere', async () => {
    await workspace({ core: `export { a } from './missing.js';` });
    expect(await layerProblems(root)).toEqual(['packages/core/src/index.ts: cannot resolve ./missing.js']);
  });

  it('fails when it has looked at nothing', async () => {
    await mkdir(join(root, 'packages/core/src'), { recursive: true });
    expect(await rulesBroken()).toEqual(['packages/core/src']);
    await rm(join(root, 'packages/core'), { recursive: true });
    expect(await rulesBroken()).toEqual([root]);
  });
});
