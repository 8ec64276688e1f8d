import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EngineError } from '@engine/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Config } from '../config.js';
import { nodeReader } from './node-reader.js';

describe('nodeReader', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'engine.config-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const load = (name: string, env: Record<string, string> = {}) =>
    Config.fromFile(name, { reader: nodeReader({ cwd: folder, env }) });
  const failure = (name: string) =>
    load(name).then(
      () => undefined,
      (error: EngineError) => error,
    );

  it('loads TypeScript configs that import each other, without a build', async () => {
    await mkdir(join(folder, 'base'));
    await write(
      'base/model.ts',
      'export interface Options { depth: number }\nexport const options: Options = { depth: 50 };\nexport default { model: { type: "ResNet", ...options } };\n',
    );
    await write(
      'config.ts',
      'import base, { type Options } from "./base/model.ts";\nconst patch: Partial<Options> = { depth: 18 };\nexport default { ...base, patch };\n',
    );
    const config = await load('config.ts');
    expect(config.data).toEqual({ model: { type: 'ResNet', depth: 50 }, patch: { depth: 18 } });
    expect(config.locate('patch.depth')).toEqual({ file: join(folder, 'config.ts') });
  });

  it('gives configs the same packages that the program has', async () => {
    const own = join(folder, 'node_modules', 'own');
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'package.json'), '{ "name": "own", "type": "module", "exports": "./index.js" }');
    await writeFile(join(own, 'index.js'), 'export class Own {}\n');
    await write(
      'config.ts',
      'import { Own } from "own";\nexport default { type: Own as unknown, later: await Promise.resolve(1) };\n',
    );
    const { Own } = (await import(/* @vite-ignore */ pathToFileURL(join(own, 'index.js')).href)) as { Own: unknown };
    const config = await load('config.ts');
    expect(config.data.type).toBe(Own);
    expect(config.data.later).toBe(1);
  });

  it('loads JavaScript, JSON and YAML over each other', async () => {
    await write('a.json', '{ "lr": 0.1, "x": 1 }');
    await write('b.yaml', '_base_: ./a.json\nlr: {{$LR:0.2}}\n');
    await write('c.mjs', 'export default { _base_: "./b.yaml", y: 2 };\n');
    expect((await load('c.mjs')).data).toEqual({ lr: 0.2, x: 1, y: 2 });
    expect((await load('b.yaml', { LR: '3' })).data).toEqual({ lr: 3, x: 1 });
  });

  it('says what is wrong with a module', async () => {
    await write('syntax.ts', 'export default {\n  a: 1,\n  b: = 2,\n};\n');
    const syntax = await failure('syntax.ts');
    expect(syntax).toMatchObject({
      code: 'ENGINE_CONFIG_MODULE_FAILED',
      at: { file: join(folder, 'syntax.ts'), line: 3 },
    });
    await write('throws.ts', 'throw new RangeError("no such machine");\n');
    expect(await failure('throws.ts')).toMatchObject({
      code: 'ENGINE_CONFIG_MODULE_FAILED',
      received: 'no such machine',
    });
    await write('named.ts', 'export const config = {};\n');
    expect(await failure('named.ts')).toMatchObject({
      code: 'ENGINE_CONFIG_NO_DEFAULT_EXPORT',
      received: 'the exports config',
    });
    expect(await failure('gone.ts')).toMatchObject({ code: 'ENGINE_CONFIG_FILE_NOT_FOUND' });
  });

  it('tells a missing file from one that cannot be read', async () => {
    expect(await failure('gone.json')).toMatchObject({
      code: 'ENGINE_CONFIG_FILE_NOT_FOUND',
      subject: join(folder, 'gone.json'),
    });
    await mkdir(join(folder, 'folder.json'));
    expect(await failure('folder.json')).toMatchObject({ code: 'ENGINE_CONFIG_UNREADABLE' });
  });

  it('refuses what is no text, and what is too large to be a config, without reading it', async () => {
    await writeFile(join(folder, 'latin.yaml'), new Uint8Array([97, 58, 32, 0xe9, 10]));
    expect(await failure('latin.yaml')).toMatchObject({
      code: 'ENGINE_CONFIG_NOT_UTF8',
      at: { file: join(folder, 'latin.yaml') },
    });
    await write('huge.json', '{}');
    await truncate(join(folder, 'huge.json'), 100 * 2 ** 20);
    expect(await failure('huge.json')).toMatchObject({ code: 'ENGINE_CONFIG_TOO_LARGE', received: '102400 KiB' });
  });

  it('finds the configs of installed packages, and nothing outside of them', async () => {
    await mkdir(join(folder, 'node_modules', '@acme', 'nets', 'configs', 'big'), { recursive: true });
    await mkdir(join(folder, 'node_modules', 'lab', '.mim', 'configs'), { recursive: true });
    await mkdir(join(folder, 'deep', 'er'), { recursive: true });
    await write('secret.json', '{ "secret": 1 }');
    await write('node_modules/@acme/nets/configs/big/net.json', '{ "x": 1 }');
    await write('node_modules/lab/.mim/configs/old.json', '{ "y": 2 }');
    await symlink(join(folder, 'secret.json'), join(folder, 'node_modules/lab/.mim/configs/out.json'));
    await write('deep/er/a.yaml', '_base_: ["@acme/nets::big/net.json", "lab::old.json"]\n');
    expect((await load('deep/er/a.yaml')).data).toEqual({ x: 1, y: 2 });
    await write('b.yaml', '_base_: lab::out.json\n');
    expect(await failure('b.yaml')).toMatchObject({ code: 'ENGINE_CONFIG_PACKAGE_NOT_FOUND' });
    await write('c.yaml', '_base_: gone::a.json\n');
    expect(await failure('c.yaml')).toMatchObject({ code: 'ENGINE_CONFIG_PACKAGE_NOT_FOUND' });
  });

  it('resolves against the referring file and the home folder', () => {
    const reader = nodeReader({ cwd: '/w' });
    expect([
      reader.resolve('a.json'),
      reader.resolve('../b.json', '/x/y/c.json'),
      reader.resolve('/abs.json', '/x/c.json'),
    ]).toEqual(['/w/a.json', '/x/b.json', '/abs.json']);
    expect(reader.resolve('~/c.json')).toBe(join(homedir(), 'c.json'));
    expect(nodeReader().env('PATH')).toBe(process.env.PATH);
  });
});
