import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';

const diff = (before: object, after: object) =>
  Config.diff(Config.fromData(before), Config.fromData(after)).map(({ path, kind, before: old, after: now }) => [
    path,
    kind,
    old,
    now,
  ]);

describe('Config.diff', () => {
  it('tells what was added, removed and changed', () => {
    expect(diff({ a: 1, b: { c: [1], d: 2 }, e: 'x' }, { e: 'x', b: { c: [1], d: { f: 3 } }, g: null })).toEqual([
      ['a', 'removed', 1, undefined],
      ['b.d', 'changed', 2, { f: 3 }],
      ['g', 'added', undefined, null],
    ]);
  });

  it('aligns lists, so that one more element is one change', () => {
    const step = (type: string) => ({ type });
    const before = { p: [step('Load'), step('Flip'), step('Pack')] };
    expect(diff(before, { p: [step('Load'), step('Resize'), step('Flip'), step('Pack')] })).toEqual([
      ['p.1', 'added', undefined, { type: 'Resize' }],
    ]);
    expect(diff(before, { p: [step('Load'), step('Pack')] })).toEqual([
      ['p.1', 'removed', { type: 'Flip' }, undefined],
    ]);
    expect(diff(before, { p: [step('Load'), step('Crop'), step('Pack')] })).toEqual([
      ['p.1.type', 'changed', 'Flip', 'Crop'],
    ]);
  });

  it('takes two spellings of an engine key for one, and the order of keys for nothing', () => {
    expect(diff({ train_cfg: { a: 1, b: 2 } }, { trainCfg: { b: 2, a: 1 } })).toEqual([]);
    expect(diff({ my_key: 1 }, { myKey: 1 })).toHaveLength(2);
  });

  it('knows the places', async () => {
    const [before, after] = await Promise.all(
      ['a: 1\n', '\na: 2\n'].map((text, i) => Config.fromString(text, '.yaml', { file: `${i}.yaml` })),
    );
    if (before === undefined || after === undefined) throw new Error('two configs');
    expect(Config.diff(before, after)).toEqual([
      {
        path: 'a',
        kind: 'changed',
        before: 1,
        beforeAt: { file: '0.yaml', line: 1, column: 1 },
        after: 2,
        afterAt: { file: '1.yaml', line: 2, column: 1 },
      },
    ]);
  });

  it('is empty exactly for equal data', () => {
    const value = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 2 }));
    const canonical = (data: object) => Config.fromData(data).toJson({ canonical: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(diff(a, a)).toEqual([]);
        expect(diff(a, b).length === 0).toBe(canonical(a) === canonical(b));
      }),
    );
  });
});
