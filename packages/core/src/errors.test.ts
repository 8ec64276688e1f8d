import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineErrors, EngineError, type ErrorKind, formatLocation } from './errors.js';

const errors = defineErrors('DEMO', {
  UNKNOWN_KEY: { kind: 'key', doc: 'A key that nobody knows.' },
  DISK_FULL: { kind: 'io', doc: 'No space is left.' },
});

describe('defineErrors', () => {
  it('gives factories that know their code, kind and documentation', () => {
    expect(errors.UNKNOWN_KEY.code).toBe('ENGINE_DEMO_UNKNOWN_KEY');
    expect(errors.UNKNOWN_KEY.kind).toBe('key');
    expect(errors.UNKNOWN_KEY.doc).toBe('A key that nobody knows.');
  });

  it('makes errors whose message shows subject, three parts and place', () => {
    const error = errors.UNKNOWN_KEY({
      subject: 'optimizer.momentm',
      expected: 'lr, momentum',
      received: 'momentm = 0.9',
      action: 'rename it to momentum',
      at: { file: 'cfg.yaml', line: 14, column: 7 },
    });
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toBeInstanceOf(Error);
    expect(error.message.split('\n')).toEqual([
      'ENGINE_DEMO_UNKNOWN_KEY  optimizer.momentm',
      '  expected  lr, momentum',
      '  received  momentm = 0.9   at cfg.yaml:14:7',
      '  do        rename it to momentum',
    ]);
  });

  it('keeps the cause', () => {
    const cause = new Error('ENOSPC');
    const error = errors.DISK_FULL({ expected: 'space', received: 'none', action: 'free some', cause });
    expect(error.cause).toBe(cause);
    expect('cause' in errors.DISK_FULL({ expected: '', received: '', action: '' })).toBe(false);
  });

  it('never loses a part, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (expected, received, action) => {
        const { message } = errors.DISK_FULL({ expected, received, action });
        return (
          message.includes(`expected  ${expected}`) &&
          message.includes(`received  ${received}`) &&
          message.endsWith(`do        ${action}`)
        );
      }),
    );
  });
});

describe('exitCode', () => {
  const parts = { expected: '', received: '', action: '' };
  it.each<[ErrorKind, number]>([
    ['type', 2],
    ['key', 2],
    ['value', 2],
    ['file', 2],
    ['dependency', 2],
    ['state', 1],
    ['numeric', 1],
    ['io', 1],
  ])('of kind %s is %i', (kind, code) => {
    expect(new EngineError('ENGINE_X_Y', kind, parts).exitCode).toBe(code);
  });
});

describe('formatLocation', () => {
  it('shows as much as is known', () => {
    expect(formatLocation({ file: 'a.ts' })).toBe('a.ts');
    expect(formatLocation({ file: 'a.ts', line: 3 })).toBe('a.ts:3');
    expect(formatLocation({ file: 'a.ts', line: 3, column: 9 })).toBe('a.ts:3:9');
    expect(formatLocation({ file: 'a.ts', column: 9 })).toBe('a.ts');
  });
});
