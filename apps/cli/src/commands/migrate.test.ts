import { readFileSync } from 'node:fs';
import { Config } from '@engine/config';
import { nodeReader } from '@engine/config/node';
import { toCamelCase } from '@engine/registry';
import { afterEach, describe, expect, it } from 'vitest';
import { engine, folderOf, type TestFolder } from '../testing.js';

let folder: TestFolder;
afterEach(() => folder.remove());

/** Inside this package, so that what is written can import the engine. */
const beside = new URL('../fixtures/', import.meta.url);

interface Case {
  readonly id: string;
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, unknown>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../tooling/golden/config/migrate.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] };

/** Declared keys are spelt in camelCase; which ones are is not the point here. */
function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toCamelCase(key), inCamelCase(item)]));
}

async function loaded(file: string): Promise<unknown> {
  const config = await Config.fromFile(file, { reader: nodeReader({ cwd: folder.path }) });
  return JSON.parse(config.toJson());
}

describe('engine migrate', () => {
  it.each(golden.cases.map((each) => [each.id, each] as const))(
    'gives a module that loads to what MMEngine loads: %s',
    async (_, { main, files, data }) => {
      folder = folderOf(files, beside);
      const out = main.replace(/\.py$/, '.ts');
      const { code, err } = await engine(['migrate', main, '--out', out], folder.path);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(inCamelCase(await loaded(folder.file(out)))).toEqual(inCamelCase(data));
    },
  );

  it('prints the module, with comments, expressions and imports', async () => {
    const [, , variables] = golden.cases as [Case, Case, Case];
    folder = folderOf(variables.files, beside);
    const { code, out } = await engine(['migrate', 'a/x.py'], folder.path);
    expect(code).toBe(0);
    expect(out).toContain("import data from '../_base_/data.ts';");
    expect(out).toContain('// all of it');
    expect(out).toContain("const data_root_ = data.data_root + 'mini/';".replace('data_root_', 'data_root'));
    const printed = await engine(['migrate', '_base_/data.py'], folder.path);
    expect(printed.out).toContain("{ type: 'RandomCrop', size: 32, padding: 4 }, // 4 on each side");
    expect(printed.out).toContain('  // half of them\n');
    expect(printed.out).toContain('root: `${data_root}val`');
  });

  it('tells what has no counterpart by file and line, and exits with 0', async () => {
    const text = "optimizer = dict(type='SGD', lr=0.1)\nrunner = dict(type='MyRunner', max_epochs=1)\ngpu_ids = [0]\n";
    folder = folderOf({ 'old.py': text }, beside);
    const { code, out, err } = await engine(['migrate', 'old.py'], folder.path);
    expect(code).toBe(0);
    expect(out).toContain('trainCfg: { byEpoch: true, maxEpochs: 1 }');
    expect(err).toContain('old.py:2: warning: the runner MyRunner has no counterpart');
    expect(err).toContain('old.py:3: warning: gpu_ids has no counterpart');
  });

  it('takes the values where statements change what is there', async () => {
    folder = folderOf(
      {
        'b.py': 'opt = dict(lr=1)\n',
        'a.py': "_base_ = './b.py'\nsizes = [1, 2]\nsizes.append(3)\n_base_.opt.lr = 2\n",
      },
      beside,
    );
    const { err } = await engine(['migrate', 'a.py', '--out', 'a.ts'], folder.path);
    expect(err).toBe('');
    expect(await loaded(folder.file('a.ts'))).toEqual({ opt: { lr: 2 }, sizes: [1, 2, 3] });
  });

  it('does not replace a file unless told to: ENGINE_CLI_FILE_EXISTS', async () => {
    folder = folderOf({ 'a.py': 'work_dir = "runs"\n', 'a.ts': '// mine\n' }, beside);
    const refused = await engine(['migrate', 'a.py', '--out', 'a.ts'], folder.path);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('ENGINE_CLI_FILE_EXISTS');
    expect(folder.read('a.ts')).toBe('// mine\n');
    expect((await engine(['migrate', 'a.py', '--out', 'a.ts', '--force'], folder.path)).code).toBe(0);
    expect(folder.read('a.ts')).toContain("workDir: 'runs'");
  });

  it('refuses what is no Python, and what is not there', async () => {
    folder = folderOf({ 'a.py': 'a = (\n' }, beside);
    const broken = await engine(['migrate', 'a.py'], folder.path);
    expect(broken.code).toBe(2);
    expect(broken.err).toContain('ENGINE_MMCOMPAT_SYNTAX');
    expect((await engine(['migrate', 'b.py'], folder.path)).err).toContain('ENGINE_CLI_FILE_NOT_FOUND');
  });
});
