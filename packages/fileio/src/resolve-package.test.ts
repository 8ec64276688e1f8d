import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolvePackage } from './resolve-package.js';

/** `exports` of a package → the specifiers to look for. */
const cases: readonly { readonly exports: unknown; readonly subpaths: readonly string[] }[] = [
  { exports: './main.js', subpaths: ['', '/main.js', '/a'] },
  { exports: { import: './esm.js', require: './cjs.cjs' }, subpaths: ['', '/esm.js'] },
  { exports: { require: './cjs.cjs', default: './main.js' }, subpaths: [''] },
  { exports: { browser: './browser.js', node: { require: './cjs.cjs', import: './esm.js' } }, subpaths: [''] },
  { exports: { '.': './main.js', './a': './a.js', './gone': null }, subpaths: ['', '/a', '/gone', '/b'] },
  { exports: { './*': './src/*.js', './deep/*.js': './src/deep/*.js' }, subpaths: ['/a', '/deep/x.js', '/b/c', ''] },
  { exports: { './*': './src/*.js', './internal/*': null }, subpaths: ['/a', '/internal/a'] },
  { exports: { './f/*': './f/*.js', './f/*.css': './css/*.css' }, subpaths: ['/f/a', '/f/a.css'] },
  { exports: { './*': './*/*.js' }, subpaths: ['/twice'] },
  { exports: { '.': [{ require: './cjs.cjs' }, './main.js'] }, subpaths: [''] },
  { exports: { '.': { unknown: './x.js' } }, subpaths: [''] },
  { exports: { '.': { import: { types: './t.d.ts', default: './esm.js' } } }, subpaths: [''] },
  { exports: { '.': { default: './main.js', import: './esm.js' } }, subpaths: [''] },
];
const targets = ['main.js', 'esm.js', 'a.js', 'src/a.js', 'src/deep/x.js', 'src/b/c.js', 'f/a.js', 'css/a.css'];

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'engine-resolve-')));
  for (const [index, { exports }] of cases.entries()) {
    for (const name of [`p${index}`, `@scope/p${index}`]) {
      const folder = join(root, 'node_modules', name);
      for (const target of [...targets, 'twice/twice.js', 'src/internal/a.js']) {
        await mkdir(join(folder, target, '..'), { recursive: true });
        await writeFile(join(folder, target), '');
      }
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', exports }));
    }
  }
  await mkdir(join(root, 'app/src'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What Node itself makes of each specifier, null where it refuses. */
function byNode(specifiers: readonly string[]): (string | null)[] {
  const program = `console.log(JSON.stringify(${JSON.stringify(specifiers)}.map((specifier) => {
    try { return import.meta.resolve(specifier); } catch { return null; }
  })));`;
  const found = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(root, 'app/src'),
    encoding: 'utf8',
    env: {},
  });
  return (JSON.parse(found) as (string | null)[]).map((url) => (url === null ? null : fileURLToPath(url)));
}

describe('resolvePackage', () => {
  it('finds what Node finds, and nothing where Node refuses', () => {
    const specifiers = cases.flatMap(({ subpaths }, index) =>
      subpaths.flatMap((subpath) => [`p${index}${subpath}`, `@scope/p${index}${subpath}`]),
    );
    const ours = specifiers.map((specifier) => resolvePackage(specifier, join(root, 'app/src')) ?? null);
    const theirs = byNode(specifiers);
    expect(Object.fromEntries(specifiers.map((name, i) => [name, ours[i]]))).toEqual(
      Object.fromEntries(specifiers.map((name, i) => [name, theirs[i]])),
    );
    expect(theirs.filter((file) => file !== null).length).toBeGreaterThan(20);
  });

  it('looks upwards, and takes the nearest', async () => {
    const near = join(root, 'app/node_modules/p0');
    await mkdir(near, { recursive: true });
    await writeFile(join(near, 'package.json'), JSON.stringify({ name: 'p0', exports: './near.js' }));
    expect(resolvePackage('p0', join(root, 'app/src'))).toBe(join(near, 'near.js'));
    expect(resolvePackage('p0', root)).toBe(join(root, 'node_modules/p0/main.js'));
    expect(resolvePackage('not-installed-anywhere', join(root, 'app/src'))).toBeUndefined();
  });

  it('leaves packages without exports to the older rules', async () => {
    const folder = join(root, 'node_modules/old');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"name":"old","main":"./main.js"}');
    expect(resolvePackage('old', root)).toBeUndefined();
    expect(resolvePackage('old/lib/x.js', root)).toBeUndefined();
  });
});
