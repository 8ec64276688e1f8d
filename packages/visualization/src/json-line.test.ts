import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLine } from './json-line.js';

describe('jsonLine', () => {
  it('is spaced as Python spaces it, in the order of the row', () => {
    expect(jsonLine({ loss: 0.5, epoch: 1, name: 'a', done: true, nothing: null })).toBe(
      '{"loss": 0.5, "epoch": 1, "name": "a", "done": true, "nothing": null}\n',
    );
    expect(jsonLine({})).toBe('{}\n');
  });

  it('is one line that any JSON reader takes and that gives every value back', () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a\nb', '"', '\u2028'));
    fc.assert(
      fc.property(fc.dictionary(name, value), (row) => {
        const line = jsonLine(row);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const read = JSON.parse(line) as Record<string, unknown>;
        expect(Object.keys(read)).toEqual(Object.keys(row));
        for (const [key, item] of Object.entries(row))
          expect(typeof item === 'number' ? Number(read[key]) + 0 : read[key]).toEqual(
            typeof item === 'number' ? item + 0 : item,
          );
      }),
    );
  });
});
