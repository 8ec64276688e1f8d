import { EngineError } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx } from './idx.js';
import { idxFile } from './testing/idx-file.js';

function outcome(bytes: Uint8Array, dimensions: number): string {
  try {
    parseIdx(bytes, { file: 'the-file', dimensions });
    return 'read';
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    expect(error.subject).toBe('the-file');
    return error.code;
  }
}

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });

describe('parseIdx', () => {
  it('reads shape and data, as a view', () => {
    const bytes = idxFile([2, 3], [1, 2, 3, 4, 5, 6]);
    const array = parseIdx(bytes, { file: 'f', dimensions: 2 });
    expect(array).toEqual({ dtype: 'uint8', shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    expect(array.data.buffer).toBe(bytes.buffer);
  });

  it('reads files of any shape, also out of the middle of a larger buffer', () => {
    fc.assert(
      fc.property(shapes, fc.nat(9), (shape, offset) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        const file = idxFile(
          shape,
          Array.from({ length: size }, (_, i) => i % 256),
        );
        const larger = new Uint8Array(offset + file.length + 3).fill(0xee);
        larger.set(file, offset);
        const array = parseIdx(larger.subarray(offset, offset + file.length), { file: 'f', dimensions: shape.length });
        expect(array.shape).toEqual(shape);
        expect([...array.data]).toEqual(Array.from({ length: size }, (_, i) => i % 256));
      }),
    );
  });

  it('gives ENGINE_VISION_IDX_TRUNCATED wherever a file is cut, never a part of it', () => {
    const images = idxFile(
      [2, 28, 28],
      Array.from({ length: 2 * 784 }, (_, i) => i % 256),
    );
    const labels = idxFile([5], [1, 2, 3, 4, 5]);
    for (const [file, dimensions] of [
      [images, 3],
      [labels, 1],
    ] as const) {
      for (let length = 0; length < file.length; length++) {
        expect(outcome(file.subarray(0, length), dimensions), `cut to ${length} bytes`).toBe(
          'ENGINE_VISION_IDX_TRUNCATED',
        );
      }
      expect(outcome(file, dimensions)).toBe('read');
    }
  });

  it('gives ENGINE_VISION_IDX_TOO_LONG when anything follows', () => {
    fc.assert(
      fc.property(shapes, fc.uint8Array({ minLength: 1, maxLength: 9 }), (shape, tail) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        const file = idxFile(
          shape,
          Array.from({ length: size }, () => 1),
        );
        expect(outcome(Uint8Array.from([...file, ...tail]), shape.length)).toBe('ENGINE_VISION_IDX_TOO_LONG');
      }),
    );
  });

  it('gives ENGINE_VISION_IDX_MAGIC for another type, another number of dimensions, or another file altogether', () => {
    expect(outcome(idxFile([2], [1, 2]), 3)).toBe('ENGINE_VISION_IDX_MAGIC');
    expect(outcome(Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), 1)).toBe('ENGINE_VISION_IDX_MAGIC');
    expect(outcome(new TextEncoder().encode('<!DOCTYPE html><html></html>'), 3)).toBe('ENGINE_VISION_IDX_MAGIC');
    expect(outcome(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0), 1)).toBe('ENGINE_VISION_IDX_MAGIC');
  });

  it('does not ask for the memory that a damaged header announces', () => {
    expect(outcome(idxFile([0xffffffff, 0xffffffff, 0xffffffff], [1]), 3)).toBe('ENGINE_VISION_IDX_TRUNCATED');
  });

  it('takes no random bytes for a file, and fails with a code only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (bytes, dimensions) => {
        expect(outcome(bytes, dimensions)).toMatch(/^(read|ENGINE_VISION_IDX_(MAGIC|TRUNCATED|TOO_LONG))$/);
      }),
      { numRuns: 500 },
    );
  });
});
