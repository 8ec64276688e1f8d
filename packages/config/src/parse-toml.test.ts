import type { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseToml } from './parse-toml.js';
import { positionKey } from './tree.js';

const text = `# a run
title = "x"
when = 1979-05-27 07:32:00
[model]
type = 'Net'
"a.b" = [1, [2, 3], # why
  { c = 4, d.e = """five
]""" } ]
options.depth = 18

[[hooks]]
type = "A"
[[hooks]]
type = "B"
[hooks.inner]
x = 1
`;

function placeIn(source: string, path: (string | number)[]): string {
  const found = parseToml(source, 'a.toml').positions.get(positionKey(path));
  return found === undefined ? 'nowhere' : `${found.line}:${found.column}`;
}

describe('parseToml', () => {
  it('gives plain data', () => {
    expect(parseToml(text, 'a.toml').data).toEqual({
      title: 'x',
      when: '1979-05-27T07:32:00.000',
      model: { type: 'Net', 'a.b': [1, [2, 3], { c: 4, d: { e: 'five\n]' } }], options: { depth: 18 } },
      hooks: [{ type: 'A' }, { type: 'B', inner: { x: 1 } }],
    });
  });

  it.each<[(string | number)[], string]>([
    [['title'], '2:1'],
    [['model'], '4:1'],
    [['model', 'type'], '5:1'],
    [['model', 'a.b', 0], '6:10'],
    [['model', 'a.b', 1, 1], '6:17'],
    [['model', 'a.b', 2, 'c'], '7:5'],
    [['model', 'a.b', 2, 'd', 'e'], '7:12'],
    [['model', 'options', 'depth'], '9:1'],
    [['hooks', 0], '11:1'],
    [['hooks', 1, 'type'], '14:1'],
    [['hooks', 1, 'inner', 'x'], '16:1'],
  ])('knows where %j stands', (path, place) => {
    expect(placeIn(text, path)).toBe(place);
  });

  it.each([
    ['a = 1\nb = [1, 2\nc = 3\n', 'ENGINE_CONFIG_SYNTAX', 3],
    ['a = 1\na = 2\n', 'ENGINE_CONFIG_SYNTAX', 2],
    ['a = 99999999999999999999\n', 'ENGINE_CONFIG_SYNTAX', 1],
    [`a = ${'['.repeat(500)}${']'.repeat(500)}`, 'ENGINE_CONFIG_', undefined],
  ])('refuses %j', (source, code, line) => {
    try {
      parseToml(source, 'a.toml');
      expect.unreachable();
    } catch (error) {
      expect((error as EngineError).code).toContain(code);
      if (line !== undefined) expect((error as EngineError).at).toMatchObject({ file: 'a.toml', line });
    }
  });

  it('has a place for every value', () => {
    const key = fc.oneof(fc.stringMatching(/^[a-z]{1,3}$/), fc.string({ minLength: 1, maxLength: 4 }));
    const value = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.string({ maxLength: 6 }),
      fc.array(fc.integer(), { maxLength: 3 }),
    );
    const quoted = (name: string) => JSON.stringify(name).replaceAll('\u007f', '\\u007f');
    fc.assert(
      fc.property(fc.dictionary(key, fc.dictionary(key, value, { maxKeys: 3 }), { maxKeys: 3 }), (tables) => {
        const source = Object.entries(tables)
          .map(([name, table]) => {
            const rows = Object.entries(table).map(
              ([inner, item]) => `${quoted(inner)} = ${JSON.stringify(item).replaceAll('\u007f', '\\u007f')}`,
            );
            return `[${quoted(name)}]\n${rows.join('\n')}\n`;
          })
          .join('\n');
        const { data, positions } = parseToml(source, 'a.toml');
        for (const [name, table] of Object.entries(data as Record<string, Record<string, unknown>>)) {
          for (const inner of Object.keys(table)) expect(positions.has(positionKey([name, inner]))).toBe(true);
        }
      }),
    );
  });
});
