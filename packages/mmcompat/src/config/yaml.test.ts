import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../print/canonical.js';
import { PyDict } from '../values/dict.js';
import { parseYaml } from './yaml.js';

const read = (text: string) => JSON.parse(canonicalJson(parseYaml(text, 'a.yml'))) as unknown;

describe('quoted text that goes on at the margin', () => {
  it('is read as PyYAML reads it', () => {
    expect(read("a:\n  title: 'one\n'\n  more: 2\n")).toEqual({ a: { title: 'one ', more: 2 } });
    expect(read("a:\n  - 'it''s\nhere'\n  - \"x\n\n\ny\"\n")).toEqual({ a: ["it's here", 'x\n\ny'] });
    expect(read('a:\n  b: {c: "x\ny", d: 1}\n')).toEqual({ a: { b: { c: 'x y', d: 1 } } });
  });

  it('moves no place of what follows', () => {
    const dict = parseYaml("a:\n  b: 'x\ny'\n  c: 1\n", 'a.yml');
    const inner = dict instanceof PyDict ? dict.get('a') : undefined;
    const site = inner instanceof PyDict ? inner.entry('c')?.site : undefined;
    expect(site?.source.locate(site.start)).toMatchObject({ line: 4, column: 3 });
  });

  it('is an error where it never ends', () => {
    expect(() => read("a:\n  b: 'x\n")).toThrow('ENGINE_MMCOMPAT_SYNTAX');
  });
});

describe('parseYaml', () => {
  it('tells the scalars of YAML 1.1 apart', () => {
    expect(read('[yes, off, ~, 012, 0x1f, 1_000, 1:30, 1e-4, 1.0e-4, .5, x]')).toEqual([
      true,
      false,
      null,
      10,
      31,
      1000,
      90,
      '1e-4',
      0.0001,
      0.5,
      'x',
    ]);
  });

  it('reads anything or says what is wrong', () => {
    const piece = fc.constantFrom("'", '"', '\n', 'a: ', '- ', '  ', '\\', ', ', '{', '}', '[', ']', 'x', "''");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          read(pieces.join(''));
        } catch (error) {
          expect((error as EngineError).code).toMatch(/^ENGINE_MMCOMPAT_/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
