import { TorchGenerator } from '@engine/core/plain';
import * as z from 'zod/mini';
import type { Sampler } from './contract.js';
import { defineDataSampler } from './define.js';
import { checkRank } from './rank.js';

const defaultSamplerOptions = z.strictObject({
  shuffle: z._default(z.boolean(), true),
  seed: z.optional(z.int()),
  roundUp: z._default(z.boolean(), true),
});
export interface DefaultSamplerOptions extends z.input<typeof defaultSamplerOptions> {}

/** What a sampler is made for. */
export interface SamplerArgs {
  /** Only its length is used, and only when `indices` or `length` is. */
  readonly dataset: { readonly length: number };
  readonly seed?: number;
  readonly rank?: number;
  readonly worldSize?: number;
}

/**
 * One pass over the dataset an epoch, dealt out to the ranks in turn: rank r gets places r, r + worldSize, ...
 *
 * Shuffling (default true) takes PyTorch's permutation for `seed + epoch`. `roundUp` (default true) repeats samples from the
 * start so that all ranks get as many; without it the last ranks may get one less. `seed` of the options wins over that of the run.
 * @throws `ENGINE_DATASET_BAD_OPTION` when rank and world size do not fit.
 */
export class DefaultSampler implements Sampler {
  static readonly entry = defineDataSampler<'DefaultSampler', typeof defaultSamplerOptions, DefaultSamplerOptions>({
    name: 'DefaultSampler',
    options: defaultSamplerOptions,
    create: ({ seed, ...options }, ctx) => new DefaultSampler({ ...ctx.args, seed: seed ?? ctx.args.seed }, options),
    module: '@engine/dataset',
    doc: 'Every sample once an epoch, shuffled as PyTorch does, dealt out to the ranks.',
  });
  readonly #dataset: { readonly length: number };
  readonly #seed: number;
  readonly #rank: number;
  readonly #worldSize: number;
  readonly #shuffle: boolean;
  readonly #roundUp: boolean;

  constructor(args: SamplerArgs, options: Omit<DefaultSamplerOptions, 'seed'> = {}) {
    this.#dataset = args.dataset;
    this.#seed = args.seed ?? 0;
    this.#rank = args.rank ?? 0;
    this.#worldSize = args.worldSize ?? 1;
    this.#shuffle = options.shuffle ?? true;
    this.#roundUp = options.roundUp ?? true;
    checkRank('DefaultSampler', this.#rank, this.#worldSize);
  }

  get length(): number {
    const { length } = this.#dataset;
    return Math.max(0, Math.ceil((this.#roundUp ? length : length - this.#rank) / this.#worldSize));
  }

  indices(epoch: number): Int32Array {
    const size = this.#dataset.length;
    const order = this.#shuffle ? new TorchGenerator(this.#seed + epoch).randperm(size) : undefined;
    const out = new Int32Array(size === 0 ? 0 : this.length);
    for (let i = 0; i < out.length; i++) {
      const place = (this.#rank + i * this.#worldSize) % size;
      out[i] = order === undefined ? place : (order[place] as number);
    }
    return out;
  }
}

declare module '@engine/registry' {
  interface DataSamplers {
    DefaultSampler: typeof DefaultSampler;
  }
}
