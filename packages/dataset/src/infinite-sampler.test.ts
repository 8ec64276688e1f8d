import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataLoader, InfiniteSampler, pseudoCollate, workerSeed } from './index.js';

function take(order: Iterable<number>, count: number): number[] {
  const taken: number[] = [];
  if (count === 0) return taken;
  for (const index of order) {
    taken.push(index);
    if (taken.length === count) break;
  }
  return taken;
}

const small = fc.integer({ min: 1, max: 12 });

describe('InfiniteSampler (its order is replayed by parity area samplers)', () => {
  it('shows every sample once in each pass of all ranks together', () => {
    fc.assert(
      fc.property(
        small,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(99),
        fc.boolean(),
        (length, worldSize, seed, shuffle) => {
          const count = 3 * length; // of each rank: worldSize * 3 passes together
          const ranks = Array.from({ length: worldSize }, (_, rank) =>
            take(new InfiniteSampler({ dataset: { length }, seed, rank, worldSize }, { shuffle }).indices(), count),
          );
          const together = Array.from(
            { length: count * worldSize },
            (_, i) => ranks[i % worldSize]?.[Math.floor(i / worldSize)],
          );
          for (let pass = 0; pass < 3 * worldSize; pass++)
            expect(new Set(together.slice(pass * length, (pass + 1) * length)).size).toBe(length);
        },
      ),
    );
  });

  it('is the same whatever the epoch, and again', () => {
    const sampler = new InfiniteSampler({ dataset: { length: 5 }, seed: 3 });
    expect(take(sampler.indices(0), 17)).toEqual(take(sampler.indices(4), 17));
  });

  it('yields nothing for an empty dataset', () => {
    expect([...new InfiniteSampler({ dataset: { length: 0 } }).indices()]).toEqual([]);
  });

  it('refuses a rank outside the world with ENGINE_DATASET_BAD_OPTION', () => {
    expect(() => new InfiniteSampler({ dataset: { length: 1 }, rank: 2, worldSize: 2 })).toThrow(
      'ENGINE_DATASET_BAD_OPTION',
    );
  });

  it('lets a data loader start at any batch, beyond one pass too', async () => {
    const dataset = { metainfo: {}, init: async () => {}, length: 5, get: (index: number) => ({ inputs: index }) };
    const sampler = new InfiniteSampler({ dataset, seed: 1 });
    const loader = new DataLoader({ dataset, sampler, batchSize: 2, collateFn: pseudoCollate });
    await loader.init();
    expect(loader.length).toBe(3);
    for await (const { inputs } of loader.batches(9)) {
      expect(inputs).toEqual(take(sampler.indices(), 20).slice(18));
      break;
    }
    await loader.close();
  });
});

describe('workerSeed', () => {
  it('differs for all workers of a run', () => {
    const seeds = [0, 1, 2].flatMap((rank) =>
      [0, 1].map((workerId) => workerSeed({ workerId, numWorkers: 2, rank, seed: 40 })),
    );
    expect(seeds).toEqual([40, 41, 42, 43, 44, 45]);
  });
});
