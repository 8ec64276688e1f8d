import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleStore } from './sample-store.js';
import { deserialize, serialize } from './serialize.js';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, undefined, true, false, Number.NaN, -0, Number.POSITIVE_INFINITY, 2 ** 32, 2 ** 32 - 1, -1),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.date(),
    fc.float32Array(),
    fc.uint8Array(),
    fc.bigInt64Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((pairs) => new Map(pairs)),
    fc.array(fc.integer()).map((items) => new Set(items)),
  ),
})).value;

describe('serialize', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(deserialize(serialize(value))).toStrictEqual(asPlain(value));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a function', { boxes: [{ f: () => 1 }] }, 'boxes[0].f'],
    ['a symbol', [Symbol('x')], '[0]'],
    ['a class instance', { when: new (class Mine {})() }, 'when'],
    ['shared memory itself', { raw: new ArrayBuffer(2) }, 'raw'],
  ])('refuses %s and says where it stands', (_, value, path) => {
    expect(() => serialize(value)).toThrowError(
      expect.objectContaining({ code: 'ENGINE_DATASET_NOT_SERIALIZABLE', subject: path }) as Error,
    );
  });

  it('refuses circles, but not an object that comes twice', () => {
    const twice = { a: 1 };
    expect(deserialize(serialize([twice, twice]))).toEqual([twice, twice]);
    const circle: Record<string, unknown> = {};
    circle.self = { circle };
    expect(() => serialize(circle)).toThrowError('ENGINE_DATASET_NOT_SERIALIZABLE');
  });
});

/** As structured clones and JSON have it: dictionaries of fast-check have no prototype. */
function asPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asPlain);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, asPlain(item)]));
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const fields = {};
  for (const [key, item] of Object.entries(value))
    Object.defineProperty(fields, key, { value: asPlain(item), enumerable: true, writable: true, configurable: true });
  return fields;
}

describe('SampleStore', () => {
  const items = [{ n: 0 }, { n: 1, box: Float32Array.of(1, 2) }, {}, { n: 3 }];

  it.each([true, false])('reads new objects each time (serialised: %s)', (serialized) => {
    const store = SampleStore.of<Record<string, unknown>>(items, { serialized });
    expect(store.length).toBe(4);
    expect(store.isSerialized).toBe(serialized);
    expect(items.map((_, i) => store.read(i))).toEqual(items);
    store.read(0).n = 9;
    expect(store.read(0)).toEqual({ n: 0 });
    expect(store.pick([3, 0, 3]).read(2)).toEqual({ n: 3 });
    expect(store.pick([]).length).toBe(0);
  });

  it('lets another thread read the same memory', () => {
    const { shared } = SampleStore.of(items, { serialized: true });
    if (shared === undefined) throw new Error('not shared');
    expect(shared.bytes).toBeInstanceOf(SharedArrayBuffer);
    expect(SampleStore.on(structuredClone(shared)).read(1)).toEqual(items[1]);
  });
});
