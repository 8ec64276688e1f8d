import { DataLoader, DefaultSampler, InfiniteSampler, pseudoCollate } from '@engine/dataset';
import type { Comparison } from './comparison.js';

interface SamplerCase {
  readonly id: string;
  readonly n: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly rank: number;
  readonly world_size: number;
  readonly length: number;
  readonly indices: readonly number[];
}

/** Sections that hold orders of samples. */
export const samplerSections = {
  default_sampler: (golden: SamplerCase & { epoch: number; round_up: boolean }, compare: Comparison) => {
    const { n, seed, shuffle, rank, world_size: worldSize, round_up: roundUp } = golden;
    const sampler = new DefaultSampler({ dataset: { length: n }, seed, rank, worldSize }, { shuffle, roundUp });
    compare.check('length', [sampler.length], [golden.length]);
    compare.check('indices', sampler.indices(golden.epoch), golden.indices);
  },
  infinite_sampler: (golden: SamplerCase, compare: Comparison) => {
    const { n, seed, shuffle, rank, world_size: worldSize } = golden;
    const sampler = new InfiniteSampler({ dataset: { length: n }, seed, rank, worldSize }, { shuffle });
    compare.check('length', [sampler.length], [golden.length]);
    compare.check('indices', take(sampler.indices(), golden.indices.length), golden.indices);
  },
  infinite_sampler_reiterate: (golden: Record<string, unknown> & { n: number; seed: number }, compare: Comparison) => {
    const order = new InfiniteSampler({ dataset: { length: golden.n }, seed: golden.seed }).indices();
    for (const [key, expected] of Object.entries(golden)) {
      const [, , count] = /^(first|second|third)_iter_(\d+)$/.exec(key) ?? [];
      if (count !== undefined) compare.check(key, take(order, Number(count)), expected as number[]);
    }
  },
  batch_sampler: async (
    golden: { n: number; seed: number; batch_size: number; drop_last: boolean; batches: number[][]; length: number },
    compare: Comparison,
  ) => {
    const dataset = {
      metainfo: {},
      init: async () => {},
      length: golden.n,
      get: (index: number) => ({ inputs: index }),
    };
    const loader = new DataLoader({
      dataset,
      batchSize: golden.batch_size,
      dropLast: golden.drop_last,
      sampler: new DefaultSampler({ dataset, seed: golden.seed }),
      collateFn: pseudoCollate,
    });
    await loader.init();
    compare.check('length', [loader.length], [golden.length]);
    const batches: number[][] = [];
    for await (const { inputs } of loader.batches()) batches.push([...(inputs as unknown as number[])]);
    compare.check('batches', [batches.length], [golden.batches.length]);
    for (const [i, batch] of batches.entries()) compare.check(`batches[${i}]`, batch, golden.batches[i] ?? []);
  },
};

/** The first of a sequence; leaving it early closes it, as leaving a Python generator does. */
function take(order: Iterable<number>, count: number): number[] {
  const taken: number[] = [];
  for (const index of order) {
    taken.push(index);
    if (taken.length === count) break;
  }
  return taken;
}
