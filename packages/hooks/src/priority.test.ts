import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priorities, priorityLabel, priorityValue } from './priority.js';

describe('priorityValue', () => {
  it('knows the levels in any case', () => {
    expect(priorityValue('VERY_HIGH')).toBe(10);
    expect(priorityValue('Lowest')).toBe(100);
    expect(priorityValue('normal')).toBe(50);
  });

  it('accepts exactly the integers from 0 to 100', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), (n) => {
        if (n >= 0 && n <= 100) expect(priorityValue(n)).toBe(n);
        else expect(() => priorityValue(n)).toThrow('ENGINE_HOOKS_BAD_PRIORITY');
      }),
    );
  });

  it.each([
    [1.5, 'type'],
    [Number.NaN, 'type'],
    [null as never, 'type'],
    [-1, 'value'],
    ['FASTEST', 'key'],
    ['', 'key'],
    ['toString', 'key'],
  ] as const)('refuses %j as a wrong %s', (priority, kind) => {
    expect(() => priorityValue(priority)).toThrow(
      expect.objectContaining({
        kind,
        code: {
          type: 'ENGINE_HOOKS_BAD_PRIORITY_TYPE',
          value: 'ENGINE_HOOKS_BAD_PRIORITY',
          key: 'ENGINE_HOOKS_UNKNOWN_PRIORITY',
        }[kind],
      }),
    );
  });
});

describe('priorityLabel', () => {
  it('is the level of a number, or the number', () => {
    for (const [name, value] of Object.entries(priorities)) expect(priorityLabel(value)).toBe(name);
    expect(priorityLabel(51)).toBe('51');
  });
});
