import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCfgOptions } from './cfg-options.js';

const value = (text: string) => parseCfgOptions([`k=${text}`]).k;

describe('parseCfgOptions', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['1,', [1]],
    ['1,,2', [1, '', 2]],
    ['[]', []],
    ['()', []],
    ['(1)', [1]],
    ['[[1]]', [[1]]],
    ['[(a,b), [1,2], false]', [['a', 'b'], [1, 2], false]],
    ['"a b"', 'ab'],
    ["'1'", 1],
    ['["x","y"]', ['x', 'y']],
    ['[1', '[1'],
    ['{a:1}', '{a:1}'],
    ['', ''],
    [',', ['']],
    ['[1],[2]', [[1], [2]]],
    [
      '(a,b),(c,d)',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['1_000', 1000],
    ['007', 7],
    ['+5', 5],
    ['-.5', -0.5],
    ['5.', 5],
    ['1e5', 100000],
    ['1E-5', 0.00001],
    ['0x10', '0x10'],
    ['1e', '1e'],
    ['_1', '_1'],
    ['none', 'none'],
    ['null', 'null'],
    ['None', null],
    ['TRUE', true],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['nan', Number.NaN],
    ['a=b', 'a=b'],
  ])('%s → %j', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it('takes the last of a repeated key', () => {
    expect(parseCfgOptions(['a=1', 'b.c=2', 'a=3'])).toEqual({ a: 3, 'b.c': 2 });
  });

  it.each([['abc'], ['=1'], ['a=[1,(2]'], ['a=1,2)']])('%s is ENGINE_CONFIG_BAD_OPTION', (argument) => {
    expect(() => parseCfgOptions([argument])).toThrow('ENGINE_CONFIG_BAD_OPTION');
    expect(() => parseCfgOptions([argument])).toThrow(argument);
  });

  it('reads back numbers and nested lists as written', () => {
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const { list } = fc.letrec<{ list: unknown[]; item: unknown }>((tie) => ({
      list: fc.array(tie('item'), { maxLength: 4 }),
      item: fc.oneof({ depthSize: 'small' }, number, tie('list')),
    }));
    fc.assert(
      fc.property(list, (items) => {
        expect(value(JSON.stringify(items))).toEqual(JSON.parse(JSON.stringify(items)));
      }),
    );
  });

  it('ends with a value or a coded error for any text', () => {
    const text = fc
      .array(fc.constantFrom('[', ']', '(', ')', ',', '1', 'a', "'", ' ', '=', '-'), { maxLength: 20 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (written) => {
        try {
          value(written);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENGINE_CONFIG_BAD_OPTION' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
