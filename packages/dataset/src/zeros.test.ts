import { describe, expect, it } from 'vitest';
import { zeros } from './zeros.js';

describe('zeros', () => {
  it.each([
    ['float32', Float32Array],
    ['float64', Float64Array],
    ['int32', Int32Array],
    ['int64', BigInt64Array],
    ['uint8', Uint8Array],
    ['bool', Uint8Array],
  ] as const)('makes %s arrays of any shape', (dtype, type) => {
    expect(zeros(dtype, [2, 3])).toEqual({ dtype, shape: [2, 3], data: new type(6) });
    expect(zeros(dtype, [])).toEqual({ dtype, shape: [], data: new type(1) });
    expect(zeros(dtype, [4, 0]).data).toHaveLength(0);
  });
});
