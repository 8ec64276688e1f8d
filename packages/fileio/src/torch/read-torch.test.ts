import type { HostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../memory-storage.js';
import { encode, expected, golden } from './golden.js';
import { loadTorch, looksLikeTorch, PythonObject, type PythonValue, readTorch, torchWeights } from './index.js';

const REFUSED = /^(torchscript|module|sparse|complex|quantized|float8)/;
const files = Object.keys(expected.files).filter((name) => !REFUSED.test(name));

const under = (value: PythonValue | undefined, ...keys: PythonValue[]): PythonValue => {
  for (const key of keys) value = (value instanceof PythonObject ? value.state : value) instanceof Map ? (value as Map<PythonValue, PythonValue>).get(key) : undefined;
  return value as PythonValue;
};

describe('readTorch', () => {
  it.each(files)('reads %s as PyTorch does', async (name) => {
    const content = golden(name);
    expect(looksLikeTorch(content)).toBe(true);
    expect(encode(await readTorch(content, name))).toEqual(expected.files[name]);
  });
});
