import { Registry } from '@engine/registry';
import { describeEntry } from '@engine/registry/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { SampleContext, Transform } from './contract.js';
import { defineTransform } from './define.js';
import { pseudoCollate } from './pseudo-collate.js';
import { sampleRandom } from './sample-random.js';
import { TestTimeAug } from './test-time-aug.js';
import { describeTransform } from './testing/describe-transform.js';

const ctx: SampleContext = { seed: 1, epoch: 2, index: 3 };
const times = (factor: number): Transform => ({
  transform: (sample) => ({ ...sample, inputs: (sample.inputs as number) * factor }),
});
const Times = defineTransform({
  name: 'Times',
  options: z.strictObject({ factor: z.number() }),
  create: ({ factor }) => times(factor),
});
const options = {
  transforms: [
    [
      { type: Times, factor: 2 },
      { type: Times, factor: 3 },
    ],
    [{ type: Times, factor: 5 }],
  ],
};

describeEntry(TestTimeAug, { options });
describeTransform(TestTimeAug, { options, samples: [{ inputs: 4, samples: 1 }] });

describe('TestTimeAug', () => {
  it('makes a version for every way to choose, the last stage changing fastest', () => {
    const aug = new TestTimeAug([
      [times(1), times(10)],
      [times(1), times(2), times(3)],
    ]);
    expect(aug.transform({ inputs: 1, samples: 'a' }, ctx)).toEqual({
      inputs: [1, 2, 3, 10, 20, 30],
      samples: ['a', 'a', 'a', 'a', 'a', 'a'],
    });
  });

  it('is built by name with its transforms', () => {
    const registry = new Registry();
    registry.register(TestTimeAug);
    const aug = registry.build('transform', { type: 'TestTimeAug', ...options }, { path: 'pipeline.0' });
    expect(aug.transform({ inputs: 1 }, ctx)).toEqual({ inputs: [10, 15] });
  });

  it('makes batches of versions of what is collated', () => {
    const aug = new TestTimeAug([[times(1), times(2)]]);
    const samples = [1, 2, 3].map((inputs) => aug.transform({ inputs }, ctx) as { inputs: unknown });
    expect(pseudoCollate(samples)).toEqual({
      inputs: [
        [1, 2, 3],
        [2, 4, 6],
      ],
    });
  });

  it('waits for transforms that are asynchronous, and passes null on', async () => {
    const slow: Transform = { transform: async (sample) => ({ ...sample, slow: true }) };
    expect(await new TestTimeAug([[slow, times(2)]]).transform({ inputs: 1, slow: false }, ctx)).toEqual({
      inputs: [1, 2],
      slow: [true, false],
    });
    expect(new TestTimeAug([[times(1), { transform: () => null }]]).transform({ inputs: 1 }, ctx)).toBeNull();
  });

  it('gives the same place in each version the same random numbers', () => {
    const noise: Transform = { transform: (sample, at) => ({ ...sample, noise: sampleRandom(at).nextFloat() }) };
    const made = new TestTimeAug([[times(1), times(2)], [noise]]).transform({ inputs: 1 }, ctx) as { noise: number[] };
    expect(made.noise[0]).toBe(made.noise[1]);
  });

  it('refuses no stages, and empty ones', () => {
    for (const stages of [[], [[]], [[times(1)], []]])
      expect(() => new TestTimeAug(stages)).toThrow('ENGINE_DATASET_BAD_OPTION');
  });
});
