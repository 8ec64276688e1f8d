import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defineErrors } from '@engine/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportOf } from '../api.mjs';
import { ceiling, overruns } from '../budgets.mjs';
import { errorsPage, rowsOf, sourceProblems, tableProblems } from '../errors.mjs';
import { featuresPage, rowProblems } from '../features.mjs';
import { manifestProblems, publishedExports } from '../manifests.mjs';
import { problemsOfTarball } from '../packages.mjs';
import { compareGenerated } from './generated.mjs';

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checks-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('errors', () => {
  const module = {
    demoErrors: defineErrors('DEMO', { BAD: { kind: 'value', doc: 'a | b' }, GONE: { kind: 'io', doc: 'gone' } }),
    other: 1,
    text: 'x',
    nothing: null,
  };
  const packages = [{ name: '@engine/demo', rows: rowsOf(module) }];

  it('finds the rows that defineErrors made', () => {
    expect(packages[0]?.rows).toEqual([
      { code: 'ENGINE_DEMO_BAD', kind: 'value', doc: 'a | b' },
      { code: 'ENGINE_DEMO_GONE', kind: 'io', doc: 'gone' },
    ]);
  });

  it('demands each code, whole, in a test, and one owner', () => {
    expect(tableProblems(packages, 'ENGINE_DEMO_BAD and ENGINE_DEMO_GONE')).toEqual([]);
    expect(tableProblems(packages, 'ENGINE_DEMO_BAD and ENGINE_DEMO_GONE_LONG')).toEqual([
      'ENGINE_DEMO_GONE (@engine/demo): no test raises it',
    ]);
    const twice = [...packages, { name: '@engine/again', rows: rowsOf(module).slice(0, 1) }];
    expect(tableProblems(twice, 'ENGINE_DEMO_BAD ENGINE_DEMO_GONE')).toEqual([
      'ENGINE_DEMO_BAD is in the tables of @engine/demo and @engine/again',
    ]);
  });

  it('knows every code that sources and pages name, and lets nothing be thrown without one', () => {
    expect(sourceProblems(packages, [{ file: 'a.ts', text: '/** @throws `ENGINE_DEMO_BAD` */' }])).toEqual([]);
    const text = 'see ENGINE_DEMO_BADD\nthrow new TypeError(`no`);';
    expect(sourceProblems(packages, [{ file: 'a.ts', text }])).toEqual([
      'a.ts names ENGINE_DEMO_BADD, which is in no table',
      'a.ts throws an error without a code',
    ]);
  });

  it('documents each code in a table row', () => {
    expect(errorsPage(packages)).toContain(
      '## @engine/demo\n\n| code | kind | raised when |\n| --- | --- | --- |\n| `ENGINE_DEMO_BAD` | value | a \\| b |\n| `ENGINE_DEMO_GONE` | io | gone |\n',
    );
  });
});

describe('features', () => {
  const row = { reference: 'torch.optim.SGD', ours: 'SGD', test: 'packages/optim/src/sgd.test.ts' };
  const exists = (path: string) => path === row.test;

  it('accepts a row whose test and names exist', () => {
    expect(rowProblems(row, exists, 'export class SGD {}')).toEqual([]);
    expect(rowProblems({ ...row, test: null, note: 'n' }, exists, 'SGD')).toEqual([]);
  });

  it.each([
    ['a test that does not exist', { ...row, test: 'nowhere.test.ts' }, 'SGD', 'test nowhere.test.ts does not exist'],
    ['a name that the package lacks', row, 'class SGDOptions {}', 'SGD is nowhere in'],
    ['an unknown key', { ...row, tset: 'x' }, 'SGD', 'unknown key tset'],
    ['a row that forgets ours', { ...row, ours: undefined }, 'SGD', 'ours is neither a text nor null'],
    ['a row without a reference', { ...row, reference: '' }, 'SGD', 'reference is not a text'],
  ])('refuses %s', (_, bad, sources, message) => {
    expect(rowProblems(bad, exists, sources).join()).toContain(message);
  });

  it('shows what we lack as such', () => {
    const lacking = { ...row, ours: null, test: null };
    expect(rowProblems(lacking, exists, '')).toEqual([]);
    const page = featuresPage([{ name: '@engine/optim', rows: [lacking] }]);
    expect(page).toContain('0 features, 0 with a test');
    expect(page).toContain('| torch.optim.SGD | not yet |');
  });

  it('counts what has a test', () => {
    expect(featuresPage([{ name: '@engine/optim', rows: [row, { ...row, test: null, note: 'a|b' }] }])).toMatch(
      /2 features, 1 with a test[\s\S]*\| torch.optim.SGD \| `SGD` \|  \| a\\\|b \|/,
    );
  });
});

describe('manifests', () => {
  const exports = {
    '.': { '@engine/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  };
  const good = {
    name: '@engine/demo',
    description: 'd',
    license: 'Apache-2.0',
    type: 'module',
    sideEffects: false,
    exports,
    files: ['dist'],
    publishConfig: { access: 'public', exports: publishedExports(exports) },
    engines: { node: '>=20.19' },
  };

  it('accepts the one shape', () => {
    expect(manifestProblems(good)).toEqual([]);
    expect(publishedExports(exports)).toEqual({ '.': { types: './dist/index.d.ts', default: './dist/index.js' } });
  });

  it.each([
    [
      'the source condition in what is published',
      { publishConfig: { access: 'public', exports } },
      'publishConfig.exports is not',
    ],
    ['types after default', { exports: { '.': { '@engine/source': 'a', default: 'b', types: 'c' } } }, 'in this order'],
    ['another licence', { license: 'MIT' }, 'license is not'],
    ['tfjs-core as a dependency', { dependencies: { '@tensorflow/tfjs-core': '4' } }, 'is a peer'],
  ])('refuses %s', (_, change, message) => {
    expect(manifestProblems({ ...good, ...change }).join()).toContain(message);
  });
});

describe('packages', () => {
  async function tarball(manifest: object, files: Record<string, string>): Promise<Buffer> {
    const path = join(folder, 'package');
    const all = {
      'package.json': JSON.stringify({
        name: 'demo',
        version: '1.0.0',
        type: 'module',
        license: 'Apache-2.0',
        ...manifest,
      }),
      ...files,
    };
    for (const [name, text] of Object.entries(all)) {
      await mkdir(join(path, name, '..'), { recursive: true });
      await writeFile(join(path, name), text);
    }
    await run('tar', ['czf', 'demo.tgz', 'package'], { cwd: folder });
    return readFile(join(folder, 'demo.tgz'));
  }
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
  const sound = {
    'dist/index.js': 'export const a = 1;\n',
    'dist/index.d.ts': 'export declare const a: number;\n',
    'README.md': '# demo\n',
    LICENSE: 'Apache\n',
  };

  it('accepts a sound one', async () => {
    expect(await problemsOfTarball(await tarball({ exports }, sound))).toEqual([]);
  });

  it.each([
    [
      'no types',
      { exports: { '.': './dist/index.js' } },
      { 'dist/index.js': 'export const a = 1;\n', 'README.md': '#', LICENSE: 'A' },
      'types: none are published',
    ],
    [
      'types that lead nowhere',
      { exports },
      { ...sound, 'dist/index.d.ts': `export { a } from './missing.js';\n` },
      'types: InternalResolutionError',
    ],
    [
      'an entry that is not there',
      { exports: { ...exports, './testing': { types: './dist/testing.d.ts', default: './dist/testing.js' } } },
      sound,
      'dist/testing.js',
    ],
    [
      'the source condition',
      { exports: { '.': { '@engine/source': './dist/index.js', ...exports['.'] } } },
      sound,
      '@engine/source is still',
    ],
    ['a workspace version', { exports, dependencies: { other: 'workspace:*' } }, sound, 'workspace: is still'],
    ['a test', { exports }, { ...sound, 'dist/a.test.d.ts': '' }, 'a.test.d.ts is published'],
  ])('refuses one with %s', async (_, manifest, files, message) => {
    expect((await problemsOfTarball(await tarball(manifest, files as Record<string, string>))).join('\n')).toContain(
      message,
    );
  });
});

describe('budgets', () => {
  const measured = { kilobytes: 10, importKilobytes: 30, thirdParty: 1, sourceLines: 300 };

  it('leave a new package some room, and no room for dependencies', () => {
    expect(overruns('demo', measured, ceiling(measured))).toEqual([]);
    expect(ceiling(measured)).toEqual({ kilobytes: 16, importKilobytes: 42, thirdParty: 1, sourceLines: 400 });
  });

  it('name what is over', () => {
    const limits = ceiling(measured);
    expect(overruns('demo', { ...measured, kilobytes: 17, thirdParty: 2 }, limits)).toEqual([
      'demo: kilobytes is 17, its budget is 16',
      'demo: thirdParty is 2, its budget is 1',
    ]);
    expect(overruns('demo', { ...measured, sourceLines: Number.NaN }, limits)).toHaveLength(1);
  });
});

describe('api reports', () => {
  async function reportFor(declarations: string) {
    await mkdir(join(folder, 'demo/dist'), { recursive: true });
    await mkdir(join(folder, 'out'));
    await writeFile(
      join(folder, 'demo/package.json'),
      JSON.stringify({ name: '@engine/demo', version: '0.0.0', type: 'module' }),
    );
    await writeFile(join(folder, 'demo/dist/index.d.ts'), declarations);
    const extractor = (await import('@microsoft/api-extractor')).default;
    return reportOf(extractor, { name: '@engine/demo', path: join(folder, 'demo') }, join(folder, 'out'));
  }

  it('list what is exported', async () => {
    const { errors, report } = await reportFor(
      '/** Adds. */\nexport declare function add(a: number, b: number): number;\n',
    );
    expect(errors).toEqual([]);
    expect(report).toContain('export function add(a: number, b: number): number;');
  });

  it('fail on declarations that do not compile', async () => {
    const { errors } = await reportFor(`export declare const a: Missing;\n`);
    expect(errors.join()).toContain('Missing');
  });
});

describe('generated files', () => {
  it('differ loudly, and are rewritten on demand', async () => {
    const file = join(folder, 'deep/page.md');
    expect(compareGenerated(file, 'new', false)).toHaveLength(1);
    expect(compareGenerated(file, 'new', true)).toEqual([]);
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(compareGenerated(file, 'new', false)).toEqual([]);
    expect(compareGenerated(file, 'newer', false)[0]).toContain('--update');
  });
});
