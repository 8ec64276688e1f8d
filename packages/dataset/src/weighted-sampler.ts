import { TorchGenerator } from '@engine/core/plain';
import * as z from 'zod/mini';
import type { Sampler } from './contract.js';
import type { SamplerArgs } from './default-sampler.js';
import { defineDataSampler } from './define.js';
import { datasetErrors } from './errors.js';
import { checkRank } from './rank.js';

const weightedSamplerOptions = z.strictObject({
  weights: z.array(z.number()),
  numSamples: z.optional(z.int().check(z.positive())),
  replacement: z._default(z.boolean(), true),
  seed: z.optional(z.int()),
});
export interface WeightedSamplerOptions extends z.input<typeof weightedSamplerOptions> {}

/**
 * Samples drawn with chances proportional to `weights` (one a sample, at least 0, not all 0), `numSamples` an epoch over all ranks
 * (default: as many as there are samples); rank r gets draws r, r + worldSize, ..., the first ones again where they do not come out even.
 *
 * With replacement (default) the draws are those of PyTorch's WeightedRandomSampler with a generator seeded `seed + epoch`. Without, each sample
 * comes once at most: those with the smallest Exp(1) / weight (Efraimidis and Spirakis, 2006); PyTorch's draws differ.
 * @throws `ENGINE_DATASET_BAD_OPTION` when made, and by `indices` when the weights do not belong to the dataset
 */
export class WeightedSampler implements Sampler {
  static readonly entry = defineDataSampler<'WeightedSampler', typeof weightedSamplerOptions, WeightedSamplerOptions>({
    name: 'WeightedSampler',
    options: weightedSamplerOptions,
    create: ({ seed, ...options }, ctx) => new WeightedSampler({ ...ctx.args, seed: seed ?? ctx.args.seed }, options),
    module: '@engine/dataset',
    doc: 'Samples drawn with chances proportional to weights, dealt out to the ranks.',
  });
  readonly #args: Required<SamplerArgs>;
  readonly #weights: readonly number[];
  readonly #replacement: boolean;
  readonly #numSamples: number;

  constructor(args: SamplerArgs, options: Omit<WeightedSamplerOptions, 'seed'>) {
    const { dataset, seed = 0, rank = 0, worldSize = 1 } = args;
    const { weights, numSamples = weights.length, replacement = true } = options;
    checkRank('WeightedSampler', rank, worldSize);
    this.#args = { dataset, seed, rank, worldSize };
    this.#weights = weights;
    this.#numSamples = numSamples;
    this.#replacement = replacement;
    const wrong = weights.findIndex((weight) => !Number.isFinite(weight) || weight < 0);
    if (wrong >= 0) throw bad('weights of at least 0', `weights[${wrong}] = ${weights[wrong]}`);
    const positive = weights.filter((weight) => weight > 0).length;
    if (positive === 0) throw bad('some weight above 0', `${weights.length} weights of 0`);
    if (!replacement && numSamples > positive)
      throw bad(`at most ${positive} samples without replacement`, `numSamples = ${numSamples}`);
  }

  get length(): number {
    return Math.ceil(this.#numSamples / this.#args.worldSize);
  }

  indices(epoch: number): Int32Array {
    const { dataset, seed, rank, worldSize } = this.#args;
    if (dataset.length !== this.#weights.length)
      throw bad(`${dataset.length} weights, one for each sample`, `${this.#weights.length} weights`);
    const generator = new TorchGenerator(seed + epoch);
    const drawn = this.#replacement ? this.#drawAgain(generator) : this.#drawOnce(generator);
    return Int32Array.from({ length: this.length }, (_, i) => drawn[(rank + i * worldSize) % drawn.length] as number);
  }

  #drawAgain(generator: TorchGenerator): Int32Array {
    const ends = Float64Array.from(this.#weights);
    for (let i = 1; i < ends.length; i++) ends[i] = (ends[i - 1] as number) + (ends[i] as number);
    const total = ends.at(-1) as number;
    for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] as number) / total;
    ends[ends.length - 1] = 1;
    return Int32Array.from(generator.uniformFloat64(this.#numSamples), (draw) => firstAtLeast(ends, draw));
  }

  #drawOnce(generator: TorchGenerator): number[] {
    const draws = generator.uniformFloat64(this.#weights.length);
    const keys = Array.from(draws, (draw, i) => -Math.log1p(-draw) / (this.#weights[i] as number));
    const order = keys.map((_, i) => i).filter((i) => (this.#weights[i] as number) > 0);
    return order.sort((a, b) => (keys[a] as number) - (keys[b] as number)).slice(0, this.#numSamples);
  }
}

/** The first place whose value is not below `value`; the last one is 1. */
function firstAtLeast(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bad(expected: string, received: string): Error {
  return datasetErrors.BAD_OPTION({
    subject: 'WeightedSampler',
    expected,
    received,
    action: 'correct weights and numSamples',
  });
}

declare module '@engine/registry' {
  interface DataSamplers {
    WeightedSampler: typeof WeightedSampler;
  }
}
