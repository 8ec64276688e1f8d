import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import type { Sample } from './contract.js';
import { pseudoCollate, pseudoCollateEntry } from './pseudo-collate.js';
import { describeCollate } from './testing/index.js';

const image = (height: number) => hostArray('uint8', [height, 1, 1], new Uint8Array(height));

describeCollate(pseudoCollateEntry, { samples: [1, 2, 3].map((i) => ({ inputs: image(i), samples: { label: i } })) });

describe('pseudoCollate', () => {
  it('groups by key without copying, whatever the shapes', () => {
    const [small, large] = [image(1), image(5)];
    const batch = pseudoCollate([
      { inputs: small, samples: 1.5 },
      { inputs: large, samples: 2 },
    ]);
    expect(batch).toEqual({ inputs: [small, large], samples: [1.5, 2] });
    expect((batch.inputs as unknown[])[1]).toBe(large);
  });

  it('turns lists and objects inside out', () => {
    const sample = (i: number): Sample => ({ inputs: [i, { a: `${i}` }], samples: { boxes: [i, i + 1] } });
    expect(pseudoCollate([sample(1), sample(5)])).toEqual({
      inputs: [[1, 5], { a: ['1', '5'] }],
      samples: {
        boxes: [
          [1, 5],
          [2, 6],
        ],
      },
    });
  });

  it('leaves values of classes, null and undefined alone', () => {
    const dates = [new Date(0), new Date(1)];
    expect(pseudoCollate(dates.map((date) => ({ inputs: date, samples: null })))).toEqual({
      inputs: dates,
      samples: [null, null],
    });
  });

  it('takes the keys of the first sample', () => {
    expect(pseudoCollate([{ inputs: 1 }, { inputs: 2, samples: 3 }])).toEqual({ inputs: [1, 2] });
  });

  it('refuses missing keys and lists of other lengths with ENGINE_DATASET_COLLATE_MISMATCH', () => {
    const cases: [Sample, Sample, string][] = [
      [{ inputs: 1, samples: 1 }, { inputs: 1 }, 'sample'],
      [{ inputs: [1, 2] }, { inputs: [1] }, 'inputs'],
      [{ inputs: [1, 2] }, { inputs: 5 }, 'inputs'],
      [{ inputs: { a: 1 } }, { inputs: 5 }, 'inputs'],
    ];
    for (const [first, second, subject] of cases) {
      expect(() => pseudoCollate([first, second])).toThrow(
        expect.objectContaining({ code: 'ENGINE_DATASET_COLLATE_MISMATCH', subject }),
      );
    }
  });
});
