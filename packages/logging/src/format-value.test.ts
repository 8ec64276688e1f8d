import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { formatValue } from './format-value.js';

describe('formatValue', () => {
  it.each<[unknown, string]>([
    ['text', 'text'],
    [{ cat: 1, dog: 0 }, "{'cat': 1, 'dog': 0}"],
    [[1, 'a', [true, false, null]], "[1, 'a', [True, False, None]]"],
    [{ "it's": 'a\nb' }, `{"it's": 'a\\nb'}`],
    [{ both: `'"` }, `{'both': '\\'"'}`],
    [undefined, 'None'],
    [true, 'True'],
    [12n, '12'],
    [new Float32Array([0.5, 1]), '\n[0.5, 1]\n'],
    [hostArray('int32', [2, 2], new Int32Array([1, 2, 3, 4])), '\n[[1, 2], [3, 4]]\n'],
    [hostArray('int64', [], new BigInt64Array([7n])), '\n7\n'],
    [hostArray('uint8', [2, 0], new Uint8Array()), '\n[[], []]\n'],
    [{ cm: hostArray('bool', [1], new Uint8Array([1])) }, "{'cm': [1]}"],
  ])('%# is printed', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});
