import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { labelRanks } from './label-ranks.js';

/** The definition, on the host. */
function expectedRank(scores: readonly number[], label: number): number {
  const own = scores[label];
  if (own === undefined) return -1;
  return scores.filter((score, index) => index !== label && !(score < own) && !(score === own && index > label)).length;
}

async function ranksOf(
  rows: readonly { readonly scores: readonly number[]; readonly label: number }[],
): Promise<number[]> {
  const ranks = tf.tidy(() =>
    labelRanks(
      tf.tensor2d(rows.map(({ scores }) => [...scores])),
      tf.tensor1d(
        rows.map(({ label }) => label),
        'int32',
      ),
    ),
  );
  const values = [...(await ranks.data())];
  ranks.dispose();
  return values;
}

describe.each([
  ['cpu', cpu],
  ['wasm', wasm],
])('labelRanks on %s', (_, backend) => {
  beforeAll(() => backend().init());

  const batches = fc.integer({ min: 1, max: 12 }).chain((classes) =>
    fc.array(
      fc.record({
        scores: fc.array(fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(Number.NaN, Infinity, -Infinity)), {
          minLength: classes,
          maxLength: classes,
        }),
        label: fc.oneof({ weight: 9, arbitrary: fc.nat(classes - 1) }, { weight: 1, arbitrary: fc.integer() }),
      }),
      { minLength: 1, maxLength: 70 },
    ),
  );

  it('counts the classes that are preferred to the label, also with ties, NaN, infinities and labels that are no classes', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (rows) => {
        expect(await ranksOf(rows)).toEqual(rows.map(({ scores, label }) => expectedRank(scores, label)));
      }),
      { numRuns: 60 },
    );
  });

  it('is right for a batch of 64 with 10 classes', async () => {
    const rows = Array.from({ length: 64 }, (_row, i) => ({
      scores: Array.from({ length: 10 }, (_score, j) => Math.fround(Math.sin(i * 31 + j * 17))),
      label: (i * 7) % 10,
    }));
    expect(await ranksOf(rows)).toEqual(rows.map(({ scores, label }) => expectedRank(scores, label)));
  });
});
