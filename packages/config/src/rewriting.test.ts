import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { LineStarts } from './line-starts.js';
import { Rewriting } from './rewriting.js';

describe('places in a text whose variables were filled in', () => {
  it.each([
    ['.yaml', 'a: {b: "{{ fileBasename }}", c: 1, d: {{$PORT:80000}}, e: 2}\nf: 3\n'],
    ['.json', '{ "a": {"b": "{{ fileBasename }}", "c": 1, "d": {{$PORT:80000}}, "e": 2},\n"f": 3 }\n'],
    ['.toml', 'a = {b = "{{ fileBasename }}", c = 1, d = {{$PORT:80000}}, e = 2}\nf = 3\n'],
  ])('are those of the file: %s', async (format, text) => {
    const config = await Config.fromString(text, format, { file: `/somewhere/else/config${format}` });
    expect(config.get('a')).toEqual({ b: `config${format}`, c: 1, d: 80000, e: 2 });
    const lines = new LineStarts(text);
    for (const [path, key] of [
      ['a.c', /"?c"?(?=:| =)/],
      ['a.e', /"?e"?(?=:? ?=? 2)/],
      ['f', /"?f"?(?=:| =)/],
    ] as const)
      expect(config.locate(path), path).toMatchObject(lines.position(text.search(key)));
  });

  it('lead back from wherever text of the file stands', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('x', '\n', '<1>', '<22>', '(', ')'), { maxLength: 30 }), (pieces) => {
        const original = pieces.join('');
        const rewriting = new Rewriting(original);
        const first = rewriting.replace(original, /<(\d+)>/g, ([, digits = '']) => '('.repeat(digits.length * 3));
        const second = rewriting.replace(first, /\(/g, () => '');
        const place = rewriting.placesIn(second);
        const lines = new LineStarts(second);
        const found = [...second.matchAll(/[x\n)]/g)].map(({ index }) => place(lines.position(index)));
        const inFile = new LineStarts(original);
        expect(found).toEqual([...original.matchAll(/[x\n)]/g)].map(({ index }) => inFile.position(index)));
      }),
    );
  });
});
