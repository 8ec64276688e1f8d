import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { show } from './index.js';
import { nearest } from './nearest.js';

describe('nearest', () => {
  const options = ['lr', 'momentum', 'dampening', 'weightDecay', 'nesterov', 'SGD'];
  it.each([
    ['momentm', 'momentum'],
    ['weight_decay', 'weightDecay'],
    ['weightdecai', 'weightDecay'],
    ['sdg', 'SGD'],
    ['rl', 'lr'],
    ['colour', undefined],
    ['x', undefined],
  ])('%s → %s', (name, meant) => {
    expect(nearest(name, options)).toBe(meant);
  });

  it('finds every name that lost one letter, if nothing else is nearer', () => {
    fc.assert(
      fc.property(fc.constantFrom('momentum', 'dampening', 'nesterov'), fc.nat(), (name, position) => {
        const at = position % name.length;
        expect(nearest(name.slice(0, at) + name.slice(at + 1), options)).toBe(name);
      }),
    );
  });
});

describe('show', () => {
  class Tensor {}
  it.each([
    ['text', '"text"'],
    [[1, null, undefined, true], '[1, null, undefined, true]'],
    [{ a: { b: [] }, 'odd key': 1n }, '{ a: { b: [] }, odd key: 1 }'],
    [{}, '{}'],
    [Tensor, 'the class Tensor'],
    [new Tensor(), 'a Tensor'],
    [() => 1, 'the function (anonymous)'],
    [new Float32Array(3), 'Float32Array of 12 bytes'],
    [Object.create(null), '{}'],
  ])('%#', (value, text) => {
    expect(show(value)).toBe(text);
  });

  it('stays short and ends for any value, cycles included', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(show(cycle)).toBe('{ self: { self: { self: {…} } } }');
    fc.assert(fc.property(fc.anything(), (value) => show(value).length <= 80));
  });
});
