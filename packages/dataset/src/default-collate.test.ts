import { type HostArray, hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from './contract.js';
import { defaultCollate, defaultCollateEntry } from './default-collate.js';
import { describeCollate } from './testing/index.js';

const image = (start: number): HostArray<'uint8'> =>
  hostArray('uint8', [2, 2, 1], Uint8Array.from([start, start + 1, start + 2, start + 3]));

describeCollate(defaultCollateEntry, { samples: [0, 1, 2].map((i) => ({ inputs: image(i), samples: i })) });

function thrownBy(samples: readonly Sample[]): unknown {
  try {
    defaultCollate(samples);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('defaultCollate', () => {
  it('stacks host arrays along a new first axis and labels to int32', () => {
    const batch = defaultCollate([
      { inputs: image(0), samples: 7 },
      { inputs: image(10), samples: 2 },
    ]);
    expect(batch).toEqual({
      inputs: hostArray('uint8', [2, 2, 2, 1], Uint8Array.from([0, 1, 2, 3, 10, 11, 12, 13])),
      samples: hostArray('int32', [2], Int32Array.of(7, 2)),
    });
  });

  it('keeps every element type and value', () => {
    const sources = {
      float32: fc.float32Array({ minLength: 3, maxLength: 3 }),
      float64: fc.float64Array({ minLength: 3, maxLength: 3 }),
      int32: fc.int32Array({ minLength: 3, maxLength: 3 }),
      int64: fc.bigInt64Array({ minLength: 3, maxLength: 3 }),
      uint8: fc.uint8Array({ minLength: 3, maxLength: 3 }),
    } as const;
    for (const [dtype, source] of Object.entries(sources)) {
      fc.assert(
        fc.property(fc.array(source as fc.Arbitrary<Float32Array>, { minLength: 1, maxLength: 5 }), (rows) => {
          const batch = defaultCollate(rows.map((data) => ({ inputs: hostArray(dtype as 'float32', [3], data) })));
          const stacked = batch.inputs as HostArray;
          expect(stacked.dtype).toBe(dtype);
          expect(stacked.shape).toEqual([rows.length, 3]);
          expect([...stacked.data]).toEqual(rows.flatMap((row) => [...row]));
        }),
        { numRuns: 20 },
      );
    }
  });

  it('stacks scalars that are host arrays, so real-valued targets keep their type', () => {
    const target = (value: number): Sample => ({
      inputs: 0,
      samples: hostArray('float32', [], Float32Array.of(value)),
    });
    expect(defaultCollate([target(1), target(0.5)]).samples).toEqual(
      hostArray('float32', [2], Float32Array.of(1, 0.5)),
    );
  });

  it('stacks views without looking at the rest of their buffer, and copies', () => {
    const pixels = Uint8Array.from({ length: 12 }, (_, i) => i);
    const view = (i: number): Sample => ({ inputs: hostArray('uint8', [4], pixels.subarray(i * 4, i * 4 + 4)) });
    const batch = defaultCollate([view(2), view(0)]);
    pixels.fill(0);
    expect((batch.inputs as HostArray).data).toEqual(Uint8Array.from([8, 9, 10, 11, 0, 1, 2, 3]));
  });

  it('makes plain typed arrays of what came in a Buffer', () => {
    const { data } = defaultCollate([{ inputs: hostArray('uint8', [2], Buffer.from([1, 2])) }]).inputs as HostArray;
    expect(data.constructor).toBe(Uint8Array);
    expect(data).toEqual(Uint8Array.of(1, 2));
  });

  it('goes into objects and lists, and leaves strings as they are', () => {
    const sample = (i: number): Sample => ({
      inputs: i,
      samples: { box: [image(i), i], hard: i > 0, path: `${i}.png` },
    });
    expect(defaultCollate([sample(0), sample(1)])).toEqual({
      inputs: hostArray('int32', [2], Int32Array.of(0, 1)),
      samples: {
        box: [
          hostArray('uint8', [2, 2, 2, 1], Uint8Array.from([0, 1, 2, 3, 1, 2, 3, 4])),
          hostArray('int32', [2], Int32Array.of(0, 1)),
        ],
        hard: hostArray('bool', [2], Uint8Array.of(0, 1)),
        path: ['0.png', '1.png'],
      },
    });
  });

  it.each<[string, Sample, Sample, string]>([
    ['shapes', { inputs: image(0) }, { inputs: hostArray('uint8', [4], new Uint8Array(4)) }, 'inputs'],
    ['element types', { inputs: image(0) }, { inputs: hostArray('int32', [2, 2, 1], new Int32Array(4)) }, 'inputs'],
    ['kinds', { inputs: image(0) }, { inputs: 3 }, 'inputs'],
    ['numbers', { inputs: 3 }, { inputs: image(0) }, 'inputs'],
    ['booleans', { inputs: 3, samples: true }, { inputs: 3, samples: 1 }, 'samples'],
    ['keys', { inputs: 1, a: 1 } as Sample, { inputs: 1, b: 1 } as Sample, 'sample'],
    ['more keys', { inputs: 1 }, { inputs: 1, b: 1 } as Sample, 'sample'],
    ['lengths', { inputs: [1, 2] }, { inputs: [1] }, 'inputs'],
    ['nesting', { inputs: 1, samples: { a: 1 } }, { inputs: 1, samples: [1] }, 'samples'],
  ])('refuses samples that differ in %s, with path and sample', (_, first, second, subject) => {
    expect(thrownBy([first, first, second])).toMatchObject({ code: 'ENGINE_DATASET_COLLATE_MISMATCH', subject });
    expect(String(thrownBy([first, first, second]))).toContain('in sample 2');
  });

  it.each<[string, unknown]>([
    ['real numbers', 0.5],
    ['NaN', Number.NaN],
    ['numbers beyond int32', 2 ** 31],
    ['null', null],
    ['undefined', undefined],
    ['functions', () => 1],
    ['dates', new Date(0)],
    ['maps', new Map()],
    ['bare typed arrays', new Float32Array(2)],
  ])('refuses %s with ENGINE_DATASET_COLLATE_TYPE and the path', (_, value) => {
    expect(thrownBy([{ inputs: 1, samples: { deep: [value] } }])).toMatchObject({
      code: 'ENGINE_DATASET_COLLATE_TYPE',
      subject: 'samples.deep[0]',
    });
  });
});
