import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostArray, isHostArray, sizeOf } from './host-array.js';

describe('hostArray', () => {
  it('wraps without copying', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(hostArray('float32', [2, 3], data).data).toBe(data);
  });

  it('refuses data that does not fill the shape', () => {
    expect(() => hostArray('int32', [2, 3], new Int32Array(5))).toThrow('ENGINE_CORE_SIZE_MISMATCH');
  });

  it('accepts a scalar and an empty array', () => {
    expect(sizeOf([])).toBe(1);
    expect(hostArray('bool', [], Uint8Array.of(1)).shape).toEqual([]);
    expect(hostArray('int64', [0, 4], new BigInt64Array(0)).data).toHaveLength(0);
  });

  it('accepts exactly the product of the extents', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 4 }), fc.nat(200), (shape, length) => {
        const make = (): unknown => hostArray('uint8', shape, new Uint8Array(length));
        if (length === sizeOf(shape)) expect(make).not.toThrow();
        else expect(make).toThrow('ENGINE_CORE_SIZE_MISMATCH');
      }),
    );
  });
});

describe('isHostArray', () => {
  it('tells host arrays from other things', () => {
    expect(isHostArray(hostArray('uint8', [1], new Uint8Array(1)))).toBe(true);
    for (const other of [null, undefined, 1, [], {}, { dtype: 'uint8', shape: [1], data: [1] }])
      expect(isHostArray(other)).toBe(false);
  });
});
