import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expression } from './ast.js';
import { parsePython } from './parse.js';
import { PythonSource } from './source.js';
import { walk } from './walk.js';

const statement = (text: string) => parsePython(text).body[0];
const expression = (text: string) => {
  const found = statement(`${text}\n`);
  return found?.kind === 'Expression' ? found.value : undefined;
};
const failure = (text: string): EngineError => {
  try {
    parsePython(text, 'c.py');
  } catch (error) {
    return error as EngineError;
  }
  throw new Error(`no error for ${text}`);
};

/** Python written with every bracket: shows what belongs to what. */
function shape(node: Expression | undefined): string {
  if (node?.kind === 'Name') return node.id;
  if (node?.kind === 'UnaryOperation') return `(${node.operator} ${shape(node.operand)})`;
  if (node?.kind === 'BinaryOperation' || node?.kind === 'BooleanOperation')
    return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
  if (node?.kind !== 'Comparison') return node?.kind === 'Constant' ? String(node.value) : String(node?.kind);
  const rest = node.operands.map((each, index) => ` ${node.operators[index]} ${shape(each)}`);
  return `(${shape(node.first)}${rest.join('')})`;
}

describe('operators', () => {
  it.each([
    ['not a == b', '(not (a == b))'],
    ['not a and b or c', '(((not a) and b) or c)'],
    ['a and not b in c', '(a and (not (b in c)))'],
    ['not not a', '(not (not a))'],
    ['a < b <= c != d', '(a < b <= c != d)'],
    ['(a < b) < c', '((a < b) < c)'],
    ['a not in b is not c', '(a not in b is not c)'],
    ['a or b and c or d', '((a or (b and c)) or d)'],
    ['-a ** -b', '(- (a ** (- b)))'],
    ['a - b - c * d // e', '((a - b) - ((c * d) // e))'],
    ['1 << 2 | 3 & 4 ^ 5', '((1 << 2) | ((3 & 4) ^ 5))'],
    ['not (a and b)', '(not (a and b))'],
  ])('%s', (text, expected) => expect(shape(expression(text))).toBe(expected));
});

describe('literals', () => {
  it.each<[string, unknown]>([
    ['1', 1n],
    ['1.', 1],
    ['1_000', 1000n],
    ['1.e3', 1000],
    ['.5', 0.5],
    ['1e-05', 1e-5],
    ['0x1F', 31n],
    ['0b101', 5n],
    ['0o17', 15n],
    ['18446744073709551615', 18446744073709551615n],
    ["'it\\'s' \"x\"", "it'sx"],
    ["r'\\d' 'a\\tb'", '\\da\tb'],
    ["'\\x41\\u00e9\\U0001F600\\101\\q'", 'Aé😀A\\q'],
    ["'''a\nb'''", 'a\nb'],
    ["b'a\\x00'", Uint8Array.of(97, 0)],
    ['None', null],
    ['True', true],
    ['...', { ellipsis: true }],
  ])('%s', (text, value) => expect(expression(text)).toMatchObject({ kind: 'Constant', value }));

  it('reads strings that only look like the numbers that the grammar does not know', () => {
    expect(expression("'v1. yield'")).toMatchObject({ value: 'v1. yield' });
  });

  it('reads f-strings', () => {
    const joined = expression("f'a{{{b!r:>{w}.2f}}}' 'c' f'{d = }'");
    expect(joined).toMatchObject({
      kind: 'JoinedString',
      parts: [
        'a{',
        { value: { id: 'b' }, conversion: 'r', spec: ['>', { value: { id: 'w' } }, '.2f'] },
        '}c',
        { value: { id: 'd' }, selfDoc: 'd = ' },
      ],
    });
  });
});

describe('expressions', () => {
  it('keeps the forms of arguments apart', () => {
    expect(expression('f(a, *b, c=1, **d)')).toMatchObject({
      kind: 'Call',
      args: [{ form: 'positional' }, { form: 'star' }, { form: 'keyword', name: 'c' }, { form: 'doubleStar' }],
    });
    expect(expression('f(x for x, y in z)')).toMatchObject({ args: [{ value: { kind: 'GeneratorExpression' } }] });
    expect(expression('f(n := 1)')).toMatchObject({
      args: [{ form: 'positional', value: { kind: 'NamedExpression' } }],
    });
  });

  it('reads subscripts', () => {
    expect(expression('a[1]')).toMatchObject({ index: { value: 1n } });
    expect(expression('a[1:, ::2]')).toMatchObject({
      index: { kind: 'Tuple', items: [{ kind: 'Slice', lower: { value: 1n } }, { step: { value: 2n } }] },
    });
    expect(expression('a[:-1]')).toMatchObject({ index: { kind: 'Slice', lower: undefined, step: undefined } });
  });

  it('reads comprehensions', () => {
    expect(expression('[x for a in b if c if d for x, in a]')).toMatchObject({
      kind: 'ListComprehension',
      generators: [{ conditions: [{ id: 'c' }, { id: 'd' }] }, { target: { kind: 'Tuple' } }],
    });
    expect(expression('{k: v for k, v in z}')).toMatchObject({ kind: 'DictComprehension', key: { id: 'k' } });
  });

  it('reads lambdas and conditionals', () => {
    expect(expression('lambda a, *b, c=1, **d: a if b else c')).toMatchObject({
      parameters: [{ name: 'a' }, { form: 'star' }, { value: { value: 1n } }, { form: 'doubleStar' }],
      body: { kind: 'Conditional', body: { id: 'a' }, test: { id: 'b' }, otherwise: { id: 'c' } },
    });
  });

  it('tells a tuple from a bracketed value', () => {
    const kinds = ['(1)', '(1,)', '()', '1, 2'].map((text) => expression(text)?.kind);
    expect(kinds).toEqual(['Constant', 'Tuple', 'Tuple', 'Tuple']);
  });
});

describe('statements', () => {
  it('reads assignments', () => {
    expect(statement('a = b, *c = d')).toMatchObject({ targets: [{ id: 'a' }, { kind: 'Tuple' }], value: { id: 'd' } });
    expect(statement('a.b[0] += 1')).toMatchObject({ kind: 'AugmentedAssign', operator: '+' });
    expect(statement('a: int = 3')).toMatchObject({ kind: 'AnnotatedAssign', annotation: { id: 'int' } });
    expect(statement('a: int')).toMatchObject({ value: undefined });
  });

  it('reads imports', () => {
    expect(statement('from ...a.b import (c as d, e)')).toMatchObject({
      module: 'a.b',
      level: 3,
      names: [
        { name: 'c', alias: 'd' },
        { name: 'e', alias: undefined },
      ],
    });
    expect(statement('from . import x')).toMatchObject({ module: '', level: 1 });
    expect(statement('import a.b as c, d')).toMatchObject({ names: [{ name: 'a.b', alias: 'c' }, { name: 'd' }] });
  });

  it('reads compound statements', () => {
    expect(statement('if a:\n  b\nelif c: d\nelse:\n  e; f\n')).toMatchObject({
      kind: 'If',
      otherwise: [{ kind: 'If', test: { id: 'c' }, otherwise: [{ value: { id: 'e' } }, { value: { id: 'f' } }] }],
    });
    expect(statement('for i, (j, k) in a, b:\n  continue\nelse:\n  pass\n')).toMatchObject({
      target: { kind: 'Tuple' },
      iterable: { kind: 'Tuple' },
      otherwise: [{ kind: 'Pass' }],
    });
    expect(statement('try:\n  a\nexcept (B, C) as e:\n  d\nfinally:\n  f\n')).toMatchObject({
      handlers: [{ name: 'e', type: { kind: 'Tuple' } }],
      finally: [{ kind: 'Expression' }],
    });
    expect(statement('with read_base():\n    from .x import *\n')).toMatchObject({
      items: [{ context: { func: { id: 'read_base' } } }],
      body: [{ kind: 'ImportFrom', names: [{ name: '*' }] }],
    });
    expect(statement('@deco\nclass A(B, k=1):\n  def f(self, /, a: int = 1, *, b): return a\n')).toMatchObject({
      kind: 'ClassDefinition',
      decorators: [{ start: 0 }],
      body: [{ parameters: [{ name: 'self' }, { name: 'a' }, { form: 'star' }, { name: 'b' }] }],
    });
  });

  it('keeps comments with their places', () => {
    const { comments, source } = parsePython('# one\na = [  # two\n  1,\n]\n');
    expect(comments.map(({ text, start }) => [text, source.locate(start).line])).toEqual([
      ['# one', 1],
      ['# two', 2],
    ]);
  });

  it('names what it only recognises', () => {
    expect(statement('def f():\n  yield\n')).toMatchObject({
      body: [{ value: { kind: 'Unsupported', construct: 'yield' } }],
    });
    expect(statement('match a:\n  case 1: pass\n')).toMatchObject({ kind: 'Unsupported', construct: 'match' });
  });

  it('reads Windows line ends and a byte order mark', () => {
    expect(parsePython('\uFEFFa = 1\r\nb = """x\r\ny"""\r\n').body).toMatchObject([{}, { value: { value: 'x\ny' } }]);
  });
});

describe('what is not Python', () => {
  it.each([
    ['a = [1, 2', 1],
    ['a = 1\nb = dict(x=1,, y=2)\n', 2],
    ["a = 'open\n", 1],
    ['a = 1\n  b = 2\n', 2],
    ['f(a=1, a=2)', 1],
    ['f(a=1, 2)', 1],
    ['1 = a', 1],
    ['a = 012', 1],
    ['return 1', 1],
    ['\nbreak', 2],
    ["a = '\\x4'", 1],
    ['print 1', 1],
    ["a = b'x' 'y'", 1],
  ])('%j', (text, line) => {
    const error = failure(text);
    expect(error.code).toBe('ENGINE_MMCOMPAT_SYNTAX');
    expect(error.at).toMatchObject({ file: 'c.py', line });
  });

  it('stops at nesting that no config has', () => {
    expect(failure(`a = ${'['.repeat(3000)}${']'.repeat(3000)}`).code).toBe('ENGINE_MMCOMPAT_TOO_DEEP');
    expect(failure(`a = ${'-'.repeat(3000)}1`).code).toBe('ENGINE_MMCOMPAT_TOO_DEEP');
  });

  it('gives a tree or a coded error for any text', () => {
    const pieces = fc.constantFrom(
      'a',
      '1',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '=',
      '\n',
      '  ',
      'not ',
      'for ',
      ' in ',
      "'",
      'f"',
      '*',
      '.',
      'if ',
      'lambda ',
      'def ',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((each) => each.join('')),
        ),
        (text) => {
          try {
            parsePython(text);
          } catch (error) {
            expect((error as EngineError).code).toMatch(/^ENGINE_MMCOMPAT_/);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('PythonSource', () => {
  it('finds lines and columns', () => {
    const source = new PythonSource('ab\n\ncd', 'f.py');
    expect([0, 2, 3, 4, 5, 99].map((offset) => source.locate(offset))).toMatchObject([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 3, column: 1 },
      { line: 3, column: 2 },
      { line: 3, column: 3 },
    ]);
  });

  it('finds the place in the file where the text was changed before parsing', () => {
    const original = "a = '{{x}}' + b\n";
    const text = "a = 'longer than before' + b\n";
    const source = new PythonSource(text, 'f.py', original, [{ offset: text.indexOf("'", 6), shift: 13 }]);
    expect(source.locate(text.indexOf('b\n'))).toMatchObject({ line: 1, column: original.indexOf('b\n') + 1 });
  });
});

it('walks breadth first', () => {
  const kinds = [...walk(parsePython('a = [b]\nwith c():\n  d\n'))].map((node) => node.kind);
  expect(kinds).toEqual(['Assign', 'With', 'Name', 'List', 'Expression', 'Name', 'Call', 'Name', 'Name']);
});
