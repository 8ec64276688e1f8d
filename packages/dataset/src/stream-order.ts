import type { Sampler } from './contract.js';

/** Stands for the sampler of a stream, which has an order of its own: knows only how many samples each rank gets. */
export class StreamOrder implements Sampler {
  readonly #dataset: { readonly length: number };
  readonly #worldSize: number;
  readonly #rank: number;

  constructor({
    dataset,
    rank = 0,
    worldSize = 1,
  }: {
    readonly dataset: { readonly length: number };
    readonly rank?: number | undefined;
    readonly worldSize?: number | undefined;
  }) {
    this.#dataset = dataset;
    this.#rank = rank;
    this.#worldSize = worldSize;
  }

  get length(): number {
    return Math.max(0, Math.ceil((this.#dataset.length - this.#rank) / this.#worldSize));
  }

  get isEndless(): boolean {
    return this.#dataset.length === Number.POSITIVE_INFINITY;
  }

  /** Places in the stream. */
  *indices(): Generator<number> {
    for (let i = 0; i < this.length; i++) yield i * this.#worldSize + this.#rank;
  }
}
