import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeInfo, encodeInfo } from './json-info.js';

const throughJson = (value: unknown): unknown => decodeInfo(JSON.parse(JSON.stringify(encodeInfo(value))));

describe('facts in JSON', () => {
  it('come back as they were, numbers without a word in JSON included', () => {
    const leaf = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    const keys = fc.oneof(fc.string(), fc.constantFrom('$number', '$$number', '$$$number', 'number', '__proto__'));
    const { value: facts } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value')), fc.dictionary(keys, tie('value'))),
    }));
    fc.assert(
      fc.property(facts, (value) => {
        expect(throughJson(value)).toEqual(value);
      }),
    );
  });

  it.each([Number.NaN, Infinity, -Infinity, -0])('keep %s', (value) => {
    expect(Object.is(throughJson(value), value)).toBe(true);
    expect(throughJson([{ a: value }])).toEqual([{ a: value }]);
  });

  it('are not confused with an escape that the user wrote', () => {
    for (const value of [{ $number: 'NaN' }, { $number: 3 }, { $$number: { $number: '-0' } }, [{ $number: 'x' }]])
      expect(throughJson(value)).toEqual(value);
  });

  it('pollute no prototype', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
    expect(throughJson(hostile)).toEqual(hostile);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('leave out undefined members, as JSON does', () => {
    expect(encodeInfo({ a: undefined, b: [1] })).toEqual({ b: [1] });
  });

  it.each([
    ['a function', () => 1],
    ['a class instance', new (class Thing {})()],
    ['a map', new Map()],
    ['a date', new Date(0)],
    ['a typed array', new Float32Array(1)],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['undefined', undefined],
    ['undefined in a list', [undefined]],
  ])('do not take %s, however deep', (_, value) => {
    expect(encodeInfo(value)).toBeUndefined();
    if (value !== undefined) expect(encodeInfo({ a: [{ b: value }] })).toBeUndefined();
  });

  it('that hold themselves are refused instead of never ending; the same part twice is fine', () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle.list = [{ cycle }];
    expect(encodeInfo(cycle)).toBeUndefined();
    const part = { x: 1 };
    expect(throughJson([part, { part }, part])).toEqual([part, { part }, part]);
  });
});
