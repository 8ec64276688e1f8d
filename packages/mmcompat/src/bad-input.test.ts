/** Everything that can be wrong with a config has a code, names the place, and takes no time. */
import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDictAction } from './config/dict-action.js';
import { nodeFiles } from './config/files.js';
import { PythonConfig } from './config/python-config.js';
import { pythonTypeOf } from './failure.js';
import { memoryFiles } from './memory-files.js';
import { canonicalJson } from './print/canonical.js';
import { PyDict } from './values/dict.js';

type Texts = Readonly<Record<string, string | Uint8Array>>;

const load = (texts: Texts, file = 'main.py', env = {}) =>
  PythonConfig.fromFile(file, { files: memoryFiles(texts, env) });

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    expect((error as EngineError).code, String((error as Error).stack)).toMatch(/^ENGINE_MMCOMPAT_/);
    return error as EngineError;
  }
  throw new Error('no error');
}

const fails = (text: string, others: Texts = {}) =>
  failure(() => canonicalJson(load({ 'main.py': text, ...others }).toLazyDict()));

/** Of the processor: others may be busy with the machine too. */
function secondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

const index = 'Import: [configs/m.yml]\n';

describe('a config that is wrong', () => {
  it.each<[string, string, Texts?]>([
    ['ENGINE_MMCOMPAT_SYNTAX', 'a = [1\n'],
    ['ENGINE_MMCOMPAT_SYNTAX', "_base_ = 'b.json'\n", { 'b.json': '{"a": 1,}' }],
    ['ENGINE_MMCOMPAT_SYNTAX', "_base_ = 'b.yaml'\n", { 'b.yaml': 'a: [1\n' }],
    ['ENGINE_MMCOMPAT_UNSUPPORTED', 'def f():\n    yield\na = f()\n'],
    ['ENGINE_MMCOMPAT_UNSUPPORTED', 'match 1:\n    case 1: pass\n'],
    ['ENGINE_MMCOMPAT_UNSUPPORTED', '@f\ndef g(): pass\n'],
    ['ENGINE_MMCOMPAT_TOO_MANY_STEPS', 'while True: pass\n'],
    ['ENGINE_MMCOMPAT_TOO_MANY_STEPS', 'a = sum(range(10**12))\n'],
    ['ENGINE_MMCOMPAT_TOO_LARGE', "a = 'a' * 10**9\n"],
    ['ENGINE_MMCOMPAT_TOO_LARGE', "a = 'a'\nfor i in range(100): a = a + a\n"],
    ['ENGINE_MMCOMPAT_TOO_LARGE', 'a = [0]\nfor i in range(100): a = a + a\n'],
    ['ENGINE_MMCOMPAT_TOO_LARGE', 'a = [1]\nfor i in range(40): a = [a, a]\n'],
    ['ENGINE_MMCOMPAT_TOO_LARGE', `x = {}\n${'x = dict(a=x, b=x)\n'.repeat(60)}`],
    ['ENGINE_MMCOMPAT_TOO_LARGE', `x = {}\n${'x = dict(a=x, b=x)\n'.repeat(60)}from torch import nn\n`],
    ['ENGINE_MMCOMPAT_TOO_LARGE', 'import itertools\nfor x in itertools.permutations(range(1000)): pass\n'],
    ['ENGINE_MMCOMPAT_TOO_MANY_STEPS', 'import math\na = [math.factorial(2000) for i in range(100000)]\n'],
    ['ENGINE_MMCOMPAT_TOO_DEEP', 'def f(): return f()\na = f()\n'],
    ['ENGINE_MMCOMPAT_TOO_DEEP', 'a = []\na.append(a)\n'],
    ['ENGINE_MMCOMPAT_TOO_DEEP', `a = ${'('.repeat(2000)}1${')'.repeat(2000)}\n`],
    ['ENGINE_MMCOMPAT_TOO_DEEP', "_base_ = 'b.json'\n", { 'b.json': `{"a": ${'['.repeat(600)}${']'.repeat(600)}}` }],
    ['ENGINE_MMCOMPAT_UNDEFINED_NAME', 'a = b\n'],
    ['ENGINE_MMCOMPAT_NO_ATTRIBUTE', 'a = ().__class__\n'],
    ['ENGINE_MMCOMPAT_NO_ATTRIBUTE', "a = ''.__class__.__mro__\n"],
    ['ENGINE_MMCOMPAT_NO_ATTRIBUTE', "a = '{0.__class__}'.format(1)\n"],
    ['ENGINE_MMCOMPAT_NO_ATTRIBUTE', "a = getattr({}, '__globals__')\n"],
    ['ENGINE_MMCOMPAT_NO_ATTRIBUTE', "a = 'x'.constructor\n"],
    ['ENGINE_MMCOMPAT_NO_KEY', "a = {}['b']\n"],
    ['ENGINE_MMCOMPAT_NO_KEY', 'a = {{_base_.b}}\n'],
    ['ENGINE_MMCOMPAT_NO_INDEX', 'a = [][0]\n'],
    ['ENGINE_MMCOMPAT_BAD_TYPE', "a = 1 + 'b'\n"],
    ['ENGINE_MMCOMPAT_BAD_VALUE', "a = int('x')\n"],
    ['ENGINE_MMCOMPAT_BAD_NUMBER', 'a = 1 / 0\n'],
    ['ENGINE_MMCOMPAT_BAD_NUMBER', 'a = 10**10**10\n'],
    ['ENGINE_MMCOMPAT_ASSERTION', "assert False, 'no'\n"],
    ['ENGINE_MMCOMPAT_RAISED', "raise RuntimeError('no')\n"],
    ['ENGINE_MMCOMPAT_CANNOT_IMPORT', '_base_ = []\nfrom torch import nn\n'],
    ['ENGINE_MMCOMPAT_CANNOT_IMPORT', 'from os import system\n'],
    ['ENGINE_MMCOMPAT_CANNOT_IMPORT', "from subprocess import run\nrun('true')\n"],
    ['ENGINE_MMCOMPAT_BAD_TYPE', "from subprocess import Popen\nPopen('true')\n"],
    ['ENGINE_MMCOMPAT_NO_ATTRIBUTE', "import os\nos.system('true')\n"],
    ['ENGINE_MMCOMPAT_UNDEFINED_NAME', "a = open('/etc/passwd')\n"],
    ['ENGINE_MMCOMPAT_UNDEFINED_NAME', "a = eval('1')\n"],
    ['ENGINE_MMCOMPAT_UNDEFINED_NAME', "a = __import__('os')\n"],
    ['ENGINE_MMCOMPAT_CUSTOM_IMPORT_FAILED', "custom_imports = dict(imports=['gone'])\n"],
    ['ENGINE_MMCOMPAT_BAD_TYPE', 'custom_imports = dict(imports=5)\n'],
    ['ENGINE_MMCOMPAT_FILE_NOT_FOUND', "_base_ = 'gone.py'\n"],
    ['ENGINE_MMCOMPAT_NOT_UTF8', "_base_ = 'b.py'\n", { 'b.py': Uint8Array.of(0xff, 0xfe, 0x41) }],
    ['ENGINE_MMCOMPAT_TOO_LARGE', "_base_ = 'b.py'\n", { 'b.py': ' '.repeat(5_000_000) }],
    ['ENGINE_MMCOMPAT_UNKNOWN_FORMAT', "_base_ = 'b.toml'\n", { 'b.toml': 'a = 1' }],
    ['ENGINE_MMCOMPAT_NOT_A_MAPPING', "_base_ = 'b.json'\n", { 'b.json': '[1]' }],
    ['ENGINE_MMCOMPAT_BAD_BASE', '_base_ = 5\n'],
    ['ENGINE_MMCOMPAT_BAD_BASE', "_base_ = ('b.py',)\n"],
    ['ENGINE_MMCOMPAT_BAD_BASE', "_base_ = 'mmdet::a-b/c.py::d'\n"],
    ['ENGINE_MMCOMPAT_UNDEFINED_NAME', "b = 'b.py'\n_base_ = b\n"],
    ['ENGINE_MMCOMPAT_CIRCULAR_BASE', "_base_ = 'b.py'\n", { 'b.py': "_base_ = 'main.py'\n" }],
    [
      'ENGINE_MMCOMPAT_CIRCULAR_BASE',
      'with read_base():\n    from .b import *\n',
      { 'b.py': 'with read_base():\n    from .main import *\n' },
    ],
    ['ENGINE_MMCOMPAT_DUPLICATE_KEY', "_base_ = ['b.py', 'c.py']\n", { 'b.py': 'x = 1\n', 'c.py': '\n\nx = 2\n' }],
    ['ENGINE_MMCOMPAT_MERGE_TYPE', "_base_ = 'b.py'\nx = dict(a=1)\n", { 'b.py': 'x = 1\n' }],
    ['ENGINE_MMCOMPAT_UNKNOWN_PACKAGE', "_base_ = 'other::a/b.py'\n"],
    ['ENGINE_MMCOMPAT_NO_PACKAGE', "_base_ = 'mmseg::a/b.py'\n"],
    ['ENGINE_MMCOMPAT_NO_PACKAGE', 'with read_base():\n    from elsewhere.configs import *\n'],
    [
      'ENGINE_MMCOMPAT_OUTSIDE_PACKAGE',
      "_base_ = 'mmdet::a/../../../../../main.py'\n",
      { 'site/mmdet/.mim/model-index.yml': index },
    ],
    ['ENGINE_MMCOMPAT_MIXED_STYLES', "_base_ = 'b.py'\n", { 'b.py': 'from torch import nn\n' }],
    ['ENGINE_MMCOMPAT_MIXED_STYLES', "from torch import nn\n_base_ = 'b.py'\n"],
    ['ENGINE_MMCOMPAT_BAD_IMPORT', "with open('x'):\n    pass\n"],
    ['ENGINE_MMCOMPAT_BAD_IMPORT', 'from torch import *\n'],
    ['ENGINE_MMCOMPAT_BAD_IMPORT', 'with read_base():\n    from .gone import *\n'],
    ['ENGINE_MMCOMPAT_BAD_IMPORT', 'with read_base():\n    import a.b\n'],
    ['ENGINE_MMCOMPAT_BAD_IMPORT', 'with read_base():\n    from package import *\n'],
    ['ENGINE_MMCOMPAT_BAD_IMPORT', 'import torch.nn, torch.optim\n'],
    ['ENGINE_MMCOMPAT_NO_KEY', 'with read_base():\n    from .b import gone\n', { 'b.py': 'a = 1\n' }],
    ['ENGINE_MMCOMPAT_EMBEDDED_REFERENCE', "_base_ = 'b.py'\na = 'x/{{_base_.x}}'\n", { 'b.py': 'x = 1\n' }],
    ['ENGINE_MMCOMPAT_MISSING_ENV', "a = '{{$GONE:}}'\n"],
    ['ENGINE_MMCOMPAT_RESERVED_KEY', "text = 'a'\n"],
    [
      'ENGINE_MMCOMPAT_TOO_LARGE',
      "_base_ = 'b.yaml'\n",
      {
        'b.yaml': `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
          .split('')
          .map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[at]}`).join(',')}]\n`)
          .join('')}`,
      },
    ],
  ])('%s: %j', (code, text, others) => {
    const started = process.cpuUsage();
    const error = fails(text, others);
    expect(error.code).toBe(code);
    expect(pythonTypeOf(error)).not.toBe('Exception');
    expect(secondsSince(started)).toBeLessThan(2);
  });

  it.each([
    'a.insert(0, 1)',
    'a.count(5)',
    'a[::-1]',
    'a.reverse()',
    'a == list(a)',
    '-1 in a',
    'dict({tuple(a): 1})',
    '{b: 1}',
    'c | c',
    'c == set(c)',
    'd.copy()',
    'dict(d)',
    'd.keys()',
    "e.find('b')",
    'e == e.lower()',
    "e.replace('b', 'c')",
    'max(a)',
    'sorted(a)',
    'str(a)',
    "'%s' % (a,)",
    "f'{a}'",
    'sum(a)',
    'len([*a])',
    'a.index(-1) if -1 in a else 0',
    'a[0:1] = [1]',
    'a += [1]\n    a.remove(1)',
  ])('is stopped in the middle of a loop over a large value: %s', (work) => {
    const values = "a = list(range(20000))\nb = tuple(a)\nc = set(a)\nd = dict(zip(a, a))\ne = 'a' * 200000\n";
    const files = memoryFiles({ 'main.py': `${values}while True:\n    ${work}\n` });
    const limits = { steps: 300_000, elements: 2_000_000 };
    expect(failure(() => PythonConfig.fromFile('main.py', { files, limits })).code).toMatch(/TOO_MANY_STEPS|TOO_LARGE/);
  });

  it('is named with its line and column, and with the chain that led to it', () => {
    expect(fails('a = 1\nb = dict(c=[1, d])\n').at).toMatchObject({ file: '/c/main.py', line: 2, column: 16 });
    expect(fails("_base_ = 'b.py'\n", { 'b.py': "_base_ = 'gone.py'\n" }).message).toMatch(
      /extended by \/c\/b\.py, extended by \/c\/main\.py/,
    );
    expect(fails("_base_ = 'b.py'\n", { 'b.py': "_base_ = 'main.py'\n" }).message).toContain(
      '/c/main.py → /c/b.py → /c/main.py',
    );
    expect(fails("_base_ = ['b.py', 'c.py']\n", { 'b.py': 'x = 1\n', 'c.py': '\n\nx = 2\n' }).message).toMatch(
      /b\.py:1:1 and at \/c\/c\.py:3:1/,
    );
    expect(fails("a = '{{ fileBasename }}' + b\n").at).toMatchObject({ line: 1, column: 28 });
  });

  it('is refused in options, too', () => {
    const config = load({ 'main.py': 'a = [1]\nb = 1\n' });
    const option = (key: string, value: bigint) => {
      const dict = new PyDict();
      dict.set(key, value);
      return dict;
    };
    expect(failure(() => config.mergeFromDict(option('a.7', 1n))).code).toBe('ENGINE_MMCOMPAT_BAD_INDEX');
    expect(failure(() => config.mergeFromDict(option('b.c', 1n))).code).toBe('ENGINE_MMCOMPAT_MERGE_TYPE');
    expect(failure(() => parseDictAction(['a'])).code).toBe('ENGINE_MMCOMPAT_BAD_OPTION');
    expect(failure(() => parseDictAction(['a=[1,(2]'])).code).toBe('ENGINE_MMCOMPAT_BAD_OPTION');
    expect(canonicalJson(parseDictAction(['a=[1],[2]', 'b=(x,y),(z)']))).toBe(
      '{"a":[[1],[2]],"b":[{"__tuple__":["x","y"]},{"__tuple__":["z"]}]}',
    );
  });

  it('cannot be printed as Python where Python has no word for it', () => {
    expect(failure(() => load({ 'main.py': 'a = dict(b=int)\n' }).prettyText).code).toBe(
      'ENGINE_MMCOMPAT_NOT_PRINTABLE',
    );
    const json = load({ 'main.json': '{"a-b": 1}' }, 'main.json');
    expect(failure(() => json.dump('py')).code).toBe('ENGINE_MMCOMPAT_NOT_PRINTABLE');
    expect(failure(() => json.dump('toml')).code).toBe('ENGINE_MMCOMPAT_UNKNOWN_FORMAT');
  });

  it('cannot be read', () => {
    expect(failure(() => PythonConfig.fromFile('/', { files: nodeFiles(), lazyImport: false })).code).toBe(
      'ENGINE_MMCOMPAT_UNREADABLE',
    );
  });
});

describe('keys that JavaScript gives a meaning', () => {
  it('are keys like others', () => {
    const text = "a = {'__proto__': dict(x=1), 'constructor': 2, 'toString': 3}\nb = dict(a)\nconstructor = 4\n";
    const config = load({ 'main.py': text });
    expect(canonicalJson(config.toLazyDict())).toBe(
      '{"a":{"__proto__":{"x":1},"constructor":2,"toString":3},"b":{"__proto__":{"x":1},"constructor":2,"toString":3},"constructor":4}',
    );
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(fails('a = toString\n').code).toBe('ENGINE_MMCOMPAT_UNDEFINED_NAME');
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '1',
    '2.5',
    "'x'",
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    ' = ',
    '\n',
    '\n  ',
    'not ',
    ' for a in ',
    'range(9)',
    ' if ',
    ' else ',
    'lambda a: ',
    'def f(a): ',
    'return ',
    "f'{a}'",
    '**',
    '*',
    '//',
    '%',
    '.',
    '.append',
    '.update',
    'dict',
    'list',
    'str',
    'len',
    '_base_',
    'while a: ',
    'class A: ',
    'del ',
    'try: ',
    'except: ',
    'import os',
    'with read_base(): ',
    "'%s'",
    ' in ',
    ' is ',
    '<<',
    '999999999',
  );
  it('gives a config or a coded error, soon', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        (text) => {
          const started = process.cpuUsage();
          try {
            const config = load({ 'main.py': text });
            canonicalJson(config.toLazyDict());
          } catch (error) {
            expect((error as EngineError).code, `${text}\n${(error as Error).stack}`).toMatch(/^ENGINE_MMCOMPAT_/);
          }
          expect(secondsSince(started)).toBeLessThan(2);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read or refused as JSON and YAML', () => {
    for (const format of ['.json', '.yaml']) {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.json(),
            fc.string(),
            fc
              .array(
                fc.constantFrom(
                  'a',
                  ': ',
                  '- ',
                  '\n',
                  '  ',
                  '[',
                  ']',
                  '{',
                  '}',
                  '&a ',
                  '*a',
                  '"',
                  "'",
                  ',',
                  '#',
                  '|',
                  '? ',
                  '<<',
                ),
              )
              .map((each) => each.join('')),
          ),
          (text) => {
            try {
              canonicalJson(PythonConfig.fromString(text, format, { files: memoryFiles({}) }).toLazyDict());
            } catch (error) {
              expect((error as EngineError).code, `${text}\n${(error as Error).stack}`).toMatch(/^ENGINE_MMCOMPAT_/);
            }
          },
        ),
        { numRuns: 200 },
      );
    }
  });
});
