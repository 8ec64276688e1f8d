import { singleProcess } from '@engine/core';
import { Registry } from '@engine/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DefaultSampler } from './default-sampler.js';
import { describeSampler } from './testing/index.js';

describeSampler(DefaultSampler);
describeSampler(DefaultSampler, { shuffle: false, roundUp: false });
describeSampler((args) => new DefaultSampler(args, { roundUp: false }));

describe('DefaultSampler', () => {
  it('deals every sample to exactly one rank without rounding up', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 5 }), fc.nat(1000), (length, worldSize, seed) => {
        const ranks = Array.from(
          { length: worldSize },
          (_, rank) => new DefaultSampler({ dataset: { length }, seed, rank, worldSize }, { roundUp: false }),
        );
        const all = ranks.flatMap((sampler) => [...sampler.indices(0)]).sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it('gives every rank as many when rounding up, repeating from the start of the order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(50),
        (length, worldSize, epoch) => {
          const ranks = Array.from(
            { length: worldSize },
            (_, rank) => new DefaultSampler({ dataset: { length }, rank, worldSize }),
          );
          const [order] = [[...new DefaultSampler({ dataset: { length } }).indices(epoch)]];
          const dealt = ranks.map((sampler) => [...sampler.indices(epoch)]);
          expect(new Set(dealt.map((indices) => indices.length)).size).toBe(1);
          dealt.forEach((indices, rank) =>
            indices.forEach((index, i) => expect(index).toBe(order[(rank + i * worldSize) % length])),
          );
        },
      ),
    );
  });

  it('shuffles another way each epoch', () => {
    const sampler = new DefaultSampler({ dataset: { length: 40 }, seed: 0 });
    expect([...sampler.indices(0)]).not.toEqual([...sampler.indices(1)]);
  });

  it('reads the length late, since a dataset knows it only after init', () => {
    const dataset = { length: 0 };
    const sampler = new DefaultSampler({ dataset }, { shuffle: false });
    expect(sampler.length).toBe(0);
    expect([...sampler.indices(0)]).toEqual([]);
    dataset.length = 3;
    expect([...sampler.indices(0)]).toEqual([0, 1, 2]);
  });

  it('prefers the seed of its options to that of the run', () => {
    const args = { dataset: { length: 20 }, seed: 1, rank: 0, worldSize: 1 };
    const own = new Registry().build(
      'dataSampler',
      { type: DefaultSampler, seed: 2 },
      { args, communicator: singleProcess },
    );
    const run = new Registry().build('dataSampler', { type: DefaultSampler }, { args: { ...args, seed: 2 } });
    const other = new Registry().build('dataSampler', { type: DefaultSampler }, { args });
    expect([...own.indices(0)]).toEqual([...run.indices(0)]);
    expect([...own.indices(0)]).not.toEqual([...other.indices(0)]);
  });

  it('refuses a rank outside the world with ENGINE_DATASET_BAD_OPTION', () => {
    for (const [rank, worldSize] of [
      [2, 2],
      [-1, 2],
      [0, 0],
      [0.5, 2],
    ] as const) {
      expect(() => new DefaultSampler({ dataset: { length: 3 }, rank, worldSize })).toThrow(
        /ENGINE_DATASET_BAD_OPTION/,
      );
    }
  });
});
