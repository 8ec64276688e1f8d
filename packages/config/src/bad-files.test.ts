import { posix } from 'node:path';
import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import type { ConfigReader } from './reader.js';

const reader = (files: Readonly<Record<string, string>>): ConfigReader => ({
  resolve: (path, from) => posix.resolve(from === undefined ? '/w' : posix.dirname(from), path),
  readText: (path) => Promise.resolve(files[path]),
  resolvePackage: (name, path) => Promise.resolve(files[`/pkg/${name}/${path}`] && `/pkg/${name}/${path}`),
  env: () => undefined,
});
const load = (files: Readonly<Record<string, string>>, main = 'main.yaml') =>
  Config.fromFile(main, { reader: reader(files) });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: EngineError) => error,
  );

describe('bases', () => {
  it('tells the chain that led to a missing file, and where it is named', async () => {
    const error = await failure(
      load({ '/w/main.yaml': 'a: 1\n_base_: b.toml\n', '/w/b.toml': '_base_ = ["gone.json"]\n' }),
    );
    expect(error).toMatchObject({
      code: 'ENGINE_CONFIG_FILE_NOT_FOUND',
      received: 'no such file: /w/main.yaml → /w/b.toml → /w/gone.json',
      at: { file: '/w/b.toml', line: 1, column: 11 },
    });
  });

  it('tells the chain of a circle, and where it closes', async () => {
    const error = await failure(load({ '/w/main.yaml': '_base_: b.json\n', '/w/b.json': '{ "_base_": "main.yaml" }' }));
    expect(error).toMatchObject({
      code: 'ENGINE_CONFIG_CIRCULAR_BASE',
      received: '/w/main.yaml → /w/b.json → /w/main.yaml',
      at: { file: '/w/b.json', line: 1, column: 3 },
    });
  });

  it('stops at a chain without an end', async () => {
    const endless: ConfigReader = {
      ...reader({}),
      readText: (path) => Promise.resolve(`_base_: x${path.length}${path.slice(3)}`),
    };
    expect(await failure(Config.fromFile('m.yaml', { reader: endless }))).toMatchObject({
      code: 'ENGINE_CONFIG_TOO_DEEP',
    });
  });

  it('come from packages too', async () => {
    const files = {
      '/w/main.yaml': '_base_: "@acme/nets::big/net.json"\nx: 1\n',
      '/pkg/@acme/nets/big/net.json': '{ "y": 2 }',
    };
    expect((await load(files)).data).toEqual({ y: 2, x: 1 });
    expect(await failure(load({ '/w/main.yaml': '_base_: [other::net.json]\n' }))).toMatchObject({
      code: 'ENGINE_CONFIG_PACKAGE_NOT_FOUND',
      at: { file: '/w/main.yaml', line: 1, column: 10 },
    });
  });

  it.each([
    'a::../../etc/passwd',
    'a::/etc/passwd',
    'a:::b.py',
    'a::b::c.py',
    '../a::b.py',
    'a::b\\..\\c.py',
    'a::C:/b',
    '::b',
    'a::',
    'a::b//c',
    'a::./b',
  ])('%s leads nowhere', async (base) => {
    expect(await failure(load({ '/w/main.yaml': `_base_: ${JSON.stringify(base)}\n` }))).toMatchObject({
      code: 'ENGINE_CONFIG_BAD_PACKAGE_PATH',
    });
  });

  it('say that they are deprecated', async () => {
    const files = {
      '/w/main.yaml': '_base_: old.yaml\n',
      '/w/old.yaml': '_deprecation_: { expected: new.yaml, reference: docs }\nx: 1\n',
    };
    const { warnings, data } = await load(files);
    expect(data).toEqual({ x: 1 });
    expect(warnings).toEqual([
      {
        message: '/w/old.yaml is deprecated; use new.yaml instead (see docs)',
        at: { file: '/w/old.yaml', line: 1, column: 1 },
      },
    ]);
    expect(await failure(load({ '/w/main.yaml': '_deprecation_: yes\n' }))).toMatchObject({
      code: 'ENGINE_CONFIG_BAD_DEPRECATION',
    });
  });
});

describe('bombs', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(', ')}]`)
    .join('\n')}\n`;
  it.each([
    ['.yaml', bomb, 'SYNTAX'],
    ['.yaml', `a: ${'['.repeat(20_000)}`, '(SYNTAX|TOO_DEEP)'],
    ['.yaml', '- '.repeat(5000), '(SYNTAX|TOO_DEEP)'],
    ['.json', `{"a": ${'['.repeat(100_000)}`, 'TOO_DEEP'],
    ['.toml', `a = ${'['.repeat(100_000)}`, '(SYNTAX|TOO_DEEP)'],
    ['.toml', `${Array(1000).fill('a').join('.')} = 1`, 'TOO_DEEP'],
    ['.json', ' '.repeat(5 * 2 ** 20), 'TOO_LARGE'],
  ])('%s is refused, within the time of a test', async (format, text, reason) => {
    const error = await failure(Config.fromString(text, format));
    expect(error.code).toMatch(new RegExp(`^ENGINE_CONFIG_${reason}$`));
  });

  it('of objects that contain themselves is refused', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => Config.fromData(circle)).toThrow('ENGINE_CONFIG_TOO_DEEP');
    expect(() => Config.fromData({}).mergeFromDict({ [Array(1000).fill('a').join('.')]: 1 })).toThrow(
      'ENGINE_CONFIG_TOO_DEEP',
    );
    expect(() => Config.fromData({}).mergeCfgOptions([`a=${'['.repeat(1e5)}1,2${']'.repeat(1e5)}`])).toThrow(
      'ENGINE_CONFIG_BAD_OPTION',
    );
  });
});

describe('keys of the prototype', () => {
  const texts: [string, string][] = [
    ['.json', '{"a": {"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}}}'],
    ['.yaml', 'a: { __proto__: { x: 1 }, constructor: { prototype: { x: 1 } } }'],
    ['.toml', '[a]\n__proto__ = { x = 1 }\nconstructor = { prototype = { x = 1 } }\n'],
  ];
  it.each(texts)('of %s stay data', async (format, text) => {
    const config = (await Config.fromString(text, format)).mergeFromDict({
      'a.__proto__.y': 2,
      'a.constructor.name': 'n',
    });
    const a = config.data.a as Record<string, unknown>;
    expect(Object.keys(a)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(a)).toBe(Object.prototype);
    expect(config.get('a.__proto__')).toEqual({ x: 1, y: 2 });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(Object.name).toBe('Object');
    expect(config.toJson()).toContain('"__proto__"');
  });
});

describe('whatever a file holds', () => {
  const snippets = [
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '-',
    '"',
    "'",
    '\n',
    '  ',
    '#',
    '&a',
    '*a',
    '<<',
    '=',
    '.',
    '__proto__',
    '_base_',
    '_delete_',
    '{{',
    '}}',
    '{{_base_.x}}',
    '{{$A:1}}',
    '1e9',
    'true',
    'null',
    '\\u',
    '!!',
    '|',
    '>',
    '?',
    '%',
    '//',
    '/*',
    'a',
    'é',
    '\0',
    '\uD800',
  ];
  const noise = fc
    .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...snippets) }, fc.string({ maxLength: 4 })), {
      maxLength: 60,
    })
    .map((parts) => parts.join(''));

  it.each(['.json', '.yaml', '.toml'])(
    '%s loads or is refused with a code',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(noise, async (text) => {
          try {
            const config = await Config.fromString(text, format);
            config.paths.map((path) => config.history(path));
            await config.toYaml();
            config.mergeCfgOptions([text.startsWith('=') ? 'a=1' : `a=${text}`]);
          } catch (error) {
            expect(String((error as EngineError).code)).toMatch(/^ENGINE_/);
          }
        }),
        { numRuns: 300 },
      );
    },
    240_000,
  );
});
