import { TorchGenerator } from '@engine/core/plain';
import * as z from 'zod/mini';
import type { Sampler } from './contract.js';
import type { SamplerArgs } from './default-sampler.js';
import { defineDataSampler } from './define.js';
import { checkRank } from './rank.js';

const infiniteSamplerOptions = z.strictObject({
  shuffle: z._default(z.boolean(), true),
  seed: z.optional(z.int()),
});
export interface InfiniteSamplerOptions extends z.input<typeof infiniteSamplerOptions> {}

/**
 * Passes over the dataset without an end, for training by iterations: rank r gets places r, r + worldSize, ... of the one long
 * sequence, in which passes follow each other without a gap.
 *
 * Shuffling (default true) takes PyTorch's permutations of one generator seeded once, so epochs do not matter.
 * `seed` of the options wins over that of the run.
 * @throws `ENGINE_DATASET_BAD_OPTION` when rank and world size do not fit.
 */
export class InfiniteSampler implements Sampler {
  static readonly entry = defineDataSampler<'InfiniteSampler', typeof infiniteSamplerOptions, InfiniteSamplerOptions>({
    name: 'InfiniteSampler',
    options: infiniteSamplerOptions,
    create: ({ seed, ...options }, ctx) => new InfiniteSampler({ ...ctx.args, seed: seed ?? ctx.args.seed }, options),
    module: '@engine/dataset',
    doc: 'Every sample again and again without an end, shuffled as PyTorch does, dealt out to the ranks.',
  });
  readonly isEndless = true;
  readonly #dataset: { readonly length: number };
  readonly #seed: number;
  readonly #rank: number;
  readonly #worldSize: number;
  readonly #shuffle: boolean;

  constructor(args: SamplerArgs, options: Omit<InfiniteSamplerOptions, 'seed'> = {}) {
    const { dataset, seed = 0, rank = 0, worldSize = 1 } = args;
    checkRank('InfiniteSampler', rank, worldSize);
    this.#dataset = dataset;
    this.#seed = seed;
    this.#rank = rank;
    this.#worldSize = worldSize;
    this.#shuffle = options.shuffle ?? true;
  }

  /** Samples of the dataset: what one pass of all ranks together takes. */
  get length(): number {
    return this.#dataset.length;
  }

  /** The whole sequence, whatever the epoch. */
  *indices(_epoch = 0): Generator<number> {
    const size = this.length;
    if (size === 0) return;
    const generator = new TorchGenerator(this.#seed);
    let skip = this.#rank;
    for (;;) {
      const order = this.#shuffle ? generator.randperm(size) : undefined;
      for (; skip < size; skip += this.#worldSize) yield order === undefined ? skip : (order[skip] as number);
      skip -= size;
    }
  }
}

declare module '@engine/registry' {
  interface DataSamplers {
    InfiniteSampler: typeof InfiniteSampler;
  }
}
