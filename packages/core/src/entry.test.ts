import { describe, expect, it } from 'vitest';
import { defineEntry, entryOf } from './entry.js';
import type { StandardSchemaV1 } from './standard-schema.js';

declare module './kinds.js' {
  interface Kinds {
    demo: { readonly size: number };
  }
}

const schema: StandardSchemaV1<{ size?: number }, { size: number }> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: { size: 3, ...(value as object) } }) },
};

const Demo = defineEntry('demo', { name: 'Demo', options: schema, create: ({ size }) => ({ size }), doc: 'A demo.' });

describe('defineEntry', () => {
  it('fills in the export name and leaves the module unknown', () => {
    expect(Demo).toMatchObject({ kind: 'demo', name: 'Demo', export: 'Demo', module: undefined, doc: 'A demo.' });
  });

  it('gives a frozen value', () => {
    expect(Object.isFrozen(Demo)).toBe(true);
  });

  it('keeps module and export when told', () => {
    const entry = defineEntry('demo', {
      name: 'Demo2',
      options: schema,
      create: ({ size }) => ({ size }),
      module: 'pkg',
      export: 'Other',
    });
    expect(entry).toMatchObject({ module: 'pkg', export: 'Other', doc: '' });
  });
});

describe('entryOf', () => {
  it('finds an entry itself and on a class', () => {
    class WithEntry {
      static readonly entry = Demo;
    }
    expect(entryOf(Demo)).toBe(Demo);
    expect(entryOf(WithEntry)).toBe(Demo);
  });

  it('does not take a parent for the class itself', () => {
    class Parent {
      static readonly entry = Demo;
    }
    class Child extends Parent {}
    expect(entryOf(Child)).toBeUndefined();
    expect(entryOf({ entry: Demo })).toBeUndefined();
  });

  it.each([undefined, null, 3, 'Demo', {}, { entry: 4 }, class {}, { kind: 'demo' }, []])(
    'finds none in %j',
    (value) => {
      expect(entryOf(value)).toBeUndefined();
    },
  );
});
