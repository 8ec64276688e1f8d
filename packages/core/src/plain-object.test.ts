import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainObject } from './plain-object.js';

describe('isPlainObject', () => {
  it('takes data, of another realm too', () => {
    const foreign: unknown = runInNewContext('({ a: [1] })');
    for (const value of [{}, Object.create(null), JSON.parse('{"a":1}'), foreign])
      expect(isPlainObject(value)).toBe(true);
  });

  it('refuses things', () => {
    class Thing {}
    const derived: unknown = Object.create({ inherited: 1 });
    const foreign: unknown = runInNewContext('new (class Foreign {})()');
    const things = [
      new Thing(),
      derived,
      foreign,
      new Map(),
      new Date(),
      /x/,
      Promise.resolve(),
      new Uint8Array(1),
      Thing,
    ];
    for (const value of [...things, [], null, undefined, 0, 'x', () => 1]) expect(isPlainObject(value)).toBe(false);
  });

  it('takes every object that JSON can give', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        expect(isPlainObject(value)).toBe(typeof value === 'object' && value !== null && !Array.isArray(value));
      }),
    );
  });
});
