import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { positionKey } from './tree.js';

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    return error as EngineError;
  }
  throw new Error('nothing was thrown');
}

describe('parseJson', () => {
  it('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseJson(text, 'f.json').data).toEqual(JSON.parse(text));
      }),
    );
  });

  it('skips comments and trailing commas, and keeps them in text', () => {
    const text = '// top\n{ "a": [1, 2,], /* b, "c" */ "url": "http://x/*y*/", // end\n}\n';
    expect(parseJson(text, 'f.json').data).toEqual({ a: [1, 2], url: 'http://x/*y*/' });
    expect(parseJson(' // nothing\n', 'f.json').data).toEqual({});
  });

  it('knows where each value stands', () => {
    const { positions } = parseJson('{\n  "a": { "b": [10,\n    20] }\n}', 'f.json');
    expect(positions.get(positionKey(['a']))).toEqual({ line: 2, column: 3 });
    expect(positions.get(positionKey(['a', 'b', 0]))).toEqual({ line: 2, column: 16 });
    expect(positions.get(positionKey(['a', 'b', 1]))).toEqual({ line: 3, column: 5 });
  });

  it.each([
    ['{"a": }', 'a value: text in double quotes, a number, true, false, null, a list or an object', '}', 1, 7],
    ['{"a": 1 "b": 2}', 'a comma or }', '"b": 2}', 1, 9],
    ["{'a': 1}", 'a key in double quotes, or }', "'a': 1}", 1, 2],
    ['{\n"a": 1,\n"a": 2}', 'each key once; "a" is there already', '"a": 2}', 3, 1],
    ['{"a" 1}', 'a colon after the key', '1}', 1, 6],
    ['{"a": "x', 'text in double quotes, on one line, with known escapes', '"x', 1, 7],
    ['[1] 2', 'the end of the file', '2', 1, 5],
    ['{"a": NaN}', 'a value: text in double quotes, a number, true, false, null, a list or an object', 'NaN}', 1, 7],
    [
      '[',
      'a value: text in double quotes, a number, true, false, null, a list or an object',
      'the end of the line or file',
      1,
      2,
    ],
  ])('%s is ENGINE_CONFIG_SYNTAX', (text, expected, received, line, column) => {
    expect(failure(() => parseJson(text, 'f.json'))).toMatchObject({
      code: 'ENGINE_CONFIG_SYNTAX',
      expected,
      received,
      at: { file: 'f.json', line, column },
    });
  });

  it('neither hangs nor crashes on any text', () => {
    const almostJson = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"a"', ':', ',', '1', '-', 'e', 'null', '//', '/*', '\n', '"'),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          almostJson.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            parseJson(text, 'f.json');
          } catch (error) {
            expect(error).toMatchObject({ code: 'ENGINE_CONFIG_SYNTAX' });
          }
        },
      ),
    );
    expect(failure(() => parseJson('['.repeat(100_000), 'f.json')).expected).toBe('at most 200 levels of nesting');
  });
});

describe('parseYaml', () => {
  it('refuses a key that comes twice, and says where', () => {
    expect(failure(() => parseYaml('a:\n  b: 1\n  c: 2\n  b: 3\n', 'f.yaml'))).toMatchObject({
      code: 'ENGINE_CONFIG_SYNTAX',
      received: 'b once more',
      at: { file: 'f.yaml', line: 4, column: 3 },
    });
    expect(parseYaml('"": 1\na: {"": 2}\n', 'f.yaml').data).toEqual({ '': 1, a: { '': 2 } });
  });

  it('reads back what the library writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 3 })), (value) => {
        const json = JSON.stringify(value);
        fc.pre(!json.includes('"<<":')); // the library writes it plain, and then it merges
        const data = JSON.parse(json) as unknown;
        expect(parseYaml(stringify(data), 'f.yaml').data).toEqual(data);
      }),
    );
  });

  it('refuses a second document, which would be lost', () => {
    expect(failure(() => parseYaml('a: 1\n---\na: 2\n', 'f.yaml'))).toMatchObject({
      code: 'ENGINE_CONFIG_SYNTAX',
      at: { file: 'f.yaml', line: 2 },
    });
  });

  it('follows YAML 1.2, with anchors and merge keys', () => {
    const text = 'a: 1e-3\nb: yes\nc: 012\nd: &base {x: 1}\ne: {<<: *base, y: 2}\nf: *base\ng: ~\nh: .inf\n';
    expect(parseYaml(text, 'f.yaml').data).toEqual({
      a: 0.001,
      b: 'yes',
      c: 12,
      d: { x: 1 },
      e: { x: 1, y: 2 },
      f: { x: 1 },
      g: null,
      h: Infinity,
    });
    expect(parseYaml('# nothing\n', 'f.yaml').data).toEqual({});
  });

  it('knows where each value stands', () => {
    const { positions } = parseYaml('a:\n  b: [10, 20]\n  c:\n    - x: 1\n', 'f.yaml');
    expect(positions.get(positionKey(['a', 'b', 1]))).toEqual({ line: 2, column: 11 });
    expect(positions.get(positionKey(['a', 'c']))).toEqual({ line: 3, column: 3 }); // the key, though the list begins below it
    expect(positions.get(positionKey(['a', 'c', 0, 'x']))).toEqual({ line: 4, column: 7 });
  });

  it.each([
    ['a: [1,\nb: 2\n', 'f.yaml', 2],
    ['a: 1\na: 2\n', 'f.yaml', 2],
    ['a: *nowhere\n', 'f.yaml', undefined],
  ])('%j is ENGINE_CONFIG_SYNTAX', (text, file, line) => {
    const error = failure(() => parseYaml(text, file));
    expect(error).toMatchObject({ code: 'ENGINE_CONFIG_SYNTAX', at: { file } });
    expect(error.at?.line).toBe(line);
  });
});
