import { posix } from 'node:path';
import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import type { ConfigReader } from './reader.js';

function readerOf(files: Readonly<Record<string, string>>, extra: Partial<ConfigReader> = {}): ConfigReader {
  return {
    resolve: (path, from) => posix.resolve(from === undefined ? '/w' : posix.dirname(from), path),
    readText: (path) => Promise.resolve(files[path]),
    env: (name) => ({ BATCH: '64' })[name],
    ...extra,
  };
}

const load = (files: Readonly<Record<string, string>>, extra?: Partial<ConfigReader>) =>
  Config.fromFile('main.yaml', { reader: readerOf(files, extra) });

async function failure(promise: Promise<unknown>): Promise<EngineError> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: EngineError) => error,
  );
}

const files = {
  '/w/main.yaml':
    '_base_: [./base/model.json, base/schedule.yml]\nmodel:\n  depth: 18\nname: "{{ fileBasenameNoExtension }}"\nbatch: {{$BATCH:32}}\nagain: {{_base_.model}}\n',
  '/w/base/model.json':
    '{\n  // the network\n  "model": { "type": "ResNet", "depth": 50, "from": "{{ fileBasename }}" }\n}\n',
  '/w/base/schedule.yml': '_base_: ../common.yaml\nlr: 0.1\n',
  '/w/common.yaml': 'steps: [1, 2]\n__hidden: 1\n',
};

describe('Config.fromFile', () => {
  it('merges a chain of files, with variables of file, environment and base', async () => {
    const config = await load(files);
    expect(config.data).toEqual({
      model: { type: 'ResNet', depth: 18, from: 'model.json' },
      steps: [1, 2],
      lr: 0.1,
      name: 'main',
      batch: 64,
      again: { type: 'ResNet', depth: 50, from: 'model.json' },
    });
    expect(config.files).toEqual(['/w/base/model.json', '/w/common.yaml', '/w/base/schedule.yml', '/w/main.yaml']);
  });

  it('remembers where each value was written', async () => {
    const config = (await load(files)).mergeCfgOptions(['lr=0.5', 'new.key=1']);
    expect(config.locate('model.depth')).toEqual({ file: '/w/main.yaml', line: 3, column: 3 });
    expect(config.locate('model.type')).toEqual({ file: '/w/base/model.json', line: 3, column: 14 });
    expect(config.locate('steps.1')).toEqual({ file: '/w/common.yaml', line: 1, column: 12 });
    expect(config.locate('lr')).toEqual({ file: '--cfg-options' });
    expect(config.locate('new.key')).toEqual({ file: '--cfg-options' });
    expect(config.locate('nowhere')).toBeUndefined();
    expect(config.locate('steps.2')).toBeUndefined();
    expect([config.get('steps.1'), config.get('model'), config.get('lr.x')]).toEqual([
      2,
      { type: 'ResNet', depth: 18, from: 'model.json' },
      undefined,
    ]);
  });

  it('finds keys that have dots in them', () => {
    const config = Config.fromData({ customKeys: { 'backbone.layer0': { lrMult: 0.1 } } }, 'x.ts');
    expect(config.get('customKeys.backbone.layer0.lrMult')).toBe(0.1);
    expect(config.locate('customKeys.backbone.layer0.lrMult')).toEqual({ file: 'x.ts' });
  });

  it('takes the default export of a module, and its bases', async () => {
    const exports = { default: { _base_: './base.json', lr: 1, model: { a: undefined, b: 2 } } };
    const reader = readerOf(
      { '/w/base.json': '{"lr": 0, "x": 1}', '/w/main.ts': '' },
      { importModule: () => Promise.resolve(exports) },
    );
    const config = await Config.fromFile('main.ts', { reader });
    expect(config.data).toEqual({ lr: 1, x: 1, model: { b: 2 } });
    expect(config.locate('lr')).toEqual({ file: '/w/main.ts' });
  });

  it.each([
    ['ENGINE_CONFIG_FILE_NOT_FOUND', {}, '/w/main.yaml', 'no such file'],
    [
      'ENGINE_CONFIG_FILE_NOT_FOUND',
      { '/w/main.yaml': '_base_: gone.json' },
      '/w/gone.json',
      'no such file: /w/main.yaml → /w/gone.json',
    ],
    ['ENGINE_CONFIG_UNKNOWN_FORMAT', { '/w/main.yaml': '_base_: x.xml' }, '/w/x.xml', '.xml'],
    ['ENGINE_CONFIG_SYNTAX', { '/w/main.yaml': 'a: [1' }, undefined, expect.any(String)],
    ['ENGINE_CONFIG_NOT_A_MAPPING', { '/w/main.yaml': '- 1' }, '/w/main.yaml', 'a list'],
    ['ENGINE_CONFIG_NOT_A_MAPPING', { '/w/main.yaml': 'text' }, '/w/main.yaml', '"text"'],
    ['ENGINE_CONFIG_BAD_BASE', { '/w/main.yaml': '_base_: [3]' }, '_base_', '_base_ = 3'],
    ['ENGINE_CONFIG_BAD_BASE', { '/w/main.yaml': '_base_: {a: 1}' }, '_base_', '_base_ = map'],
    [
      'ENGINE_CONFIG_CIRCULAR_BASE',
      { '/w/main.yaml': '_base_: b.json', '/w/b.json': '{"_base_": "main.yaml"}' },
      '_base_',
      '/w/main.yaml → /w/b.json → /w/main.yaml',
    ],
    [
      'ENGINE_CONFIG_DUPLICATE_KEY',
      { '/w/main.yaml': '_base_: [a.json, b.json]', '/w/a.json': '{"x": 1}', '/w/b.json': '{"x": 2}' },
      'x',
      'x in /w/b.json:1:2 and in /w/a.json:1:2',
    ],
    [
      'ENGINE_CONFIG_MERGE_TYPE',
      { '/w/main.yaml': '_base_: a.json\nx: {y: 1}', '/w/a.json': '{"x": 1}' },
      'x',
      'x = { y: 1 }, keys for something that is not an object',
    ],
    ['ENGINE_CONFIG_MISSING_ENV', { '/w/main.yaml': 'a: {{$GONE:}}' }, 'GONE', '{{$GONE:}}'],
    ['ENGINE_CONFIG_UNKNOWN_BASE_KEY', { '/w/main.yaml': 'a: {{_base_.b}}' }, '_base_.b', '{{_base_.b}}'],
    ['ENGINE_CONFIG_EMBEDDED_REFERENCE', { '/w/main.yaml': 'a: "x {{_base_.b}}"' }, undefined, 'x {{_base_.b}}'],
  ])('%s for %j', async (code, given: Record<string, string>, subject, received) => {
    expect(await failure(load(given))).toMatchObject({ code, subject, received, exitCode: 2 });
  });

  it('says why a file or module could not be read', async () => {
    const readText = () => Promise.reject(new Error('EACCES: permission denied'));
    expect(await failure(load({}, { readText }))).toMatchObject({
      code: 'ENGINE_CONFIG_UNREADABLE',
      received: 'EACCES: permission denied',
    });
    const module = (extra: Partial<ConfigReader>) =>
      failure(Config.fromFile('main.ts', { reader: readerOf({ '/w/main.ts': '' }, extra) }));
    expect(await module({})).toMatchObject({ code: 'ENGINE_CONFIG_NO_MODULES' });
    expect(await module({ importModule: () => Promise.resolve({ config: {} }) })).toMatchObject({
      code: 'ENGINE_CONFIG_NO_DEFAULT_EXPORT',
      received: 'the exports config',
    });
    const broken = () => Promise.reject(new SyntaxError('Unexpected token (3:14)'));
    expect(await module({ importModule: broken })).toMatchObject({
      code: 'ENGINE_CONFIG_MODULE_FAILED',
      at: { file: '/w/main.ts', line: 3, column: 14 },
    });
  });

  it('lets coded errors of a module through', async () => {
    const inner = await failure(load({}));
    const reader = readerOf({ '/w/main.ts': '' }, { importModule: () => Promise.reject(inner) });
    expect(await failure(Config.fromFile('main.ts', { reader }))).toBe(inner);
  });
});

describe('Config.fromString', () => {
  it('parses text that is at hand, positions included', async () => {
    const config = await Config.fromString('a:\n  b: 1\n', '.yaml', { file: 'inline' });
    expect([config.data, config.locate('a.b')]).toEqual([{ a: { b: 1 } }, { file: 'inline', line: 2, column: 3 }]);
  });

  it('extends files only with a reader', async () => {
    const text = '{"_base_": "common.yaml", "x": 1}';
    const extended = await Config.fromString(text, '.json', { file: '/w/inline.json', reader: readerOf(files) });
    expect(extended.data).toEqual({ steps: [1, 2], x: 1 });
    expect(await failure(Config.fromString(text, '.json'))).toMatchObject({ code: 'ENGINE_CONFIG_FILE_NOT_FOUND' });
  });
});

describe('chains of files', () => {
  it('give the last word to the file nearest to the one that is loaded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer()), { minLength: 1, maxLength: 5 }),
        async (layers) => {
          const chain = layers.map((data, index) => {
            const base = index === 0 ? {} : { _base_: `./${index - 1}.json` };
            return [`/w/${index}.json`, JSON.stringify({ ...base, nested: data })] as const;
          });
          const last = layers.length - 1;
          const config = await Config.fromFile(`${last}.json`, { reader: readerOf(Object.fromEntries(chain)) });
          expect(config.data).toEqual({ nested: Object.assign({}, ...layers) as object });
          for (const key of Object.keys(config.get('nested') as object)) {
            const owner = layers.findLastIndex((layer) => key in layer);
            expect(config.locate(`nested.${key}`)?.file).toBe(`/w/${owner}.json`);
          }
        },
      ),
    );
  });

  it('may meet in a common base only below one of several', async () => {
    const diamond = {
      '/w/main.yaml': '_base_: [a.json, b.json]',
      '/w/a.json': '{"_base_": "common.json", "a": 1}',
      '/w/b.json': '{"_base_": "common.json", "b": 1}',
      '/w/common.json': '{"shared": 1}',
    };
    expect(await failure(load(diamond))).toMatchObject({ code: 'ENGINE_CONFIG_DUPLICATE_KEY', subject: 'shared' });
    expect((await load({ ...diamond, '/w/b.json': '{"b": 1}' })).data).toEqual({ shared: 1, a: 1, b: 1 });
  });
});
