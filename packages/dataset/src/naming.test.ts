import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineTransform } from './define.js';
import { named, nameOf } from './naming.js';

class Renamed {
  static readonly entry = defineTransform({
    name: 'Original',
    options: z.strictObject({}),
    create: () => ({ transform: (sample) => sample }),
  });
}
class Derived extends Renamed {}

describe('nameOf', () => {
  it.each<[string, object, string]>([
    ['its own name', { name: 'mine' }, 'mine'],
    ['the entry of its class, whatever a bundler made of the class', new Renamed(), 'Original'],
    ['its class, when only a parent has an entry', new Derived(), 'Derived'],
    ['its class', new Map(), 'Map'],
    ['nothing', {}, '(unnamed)'],
    ['an empty name', { name: '' }, '(unnamed)'],
    ['an object without prototype', Object.create(null) as object, '(unnamed)'],
  ])('tells %s', (_, value, name) => {
    expect(nameOf(value)).toBe(name);
  });
});

describe('named', () => {
  it('names what has no name, and nothing else', () => {
    expect(nameOf(named({}, 'given'))).toBe('given');
    expect(nameOf(named({ name: 'mine' }, 'given'))).toBe('mine');
    expect(nameOf(named(new Renamed(), 'given'))).toBe('Original');
    expect(nameOf(named(Object.freeze({}), 'given'))).toBe('(unnamed)');
  });
});
