import * as z from 'zod/mini';
import { batchCount } from './batch-indices.js';
import type { BatchSampler, BatchSamplerArgs } from './contract.js';
import { defineBatchSampler } from './define.js';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';

const aspectRatioBatchSamplerOptions = z.strictObject({
  widthKey: z._default(z.string(), 'width'),
  heightKey: z._default(z.string(), 'height'),
});
export interface AspectRatioBatchSamplerOptions extends z.input<typeof aspectRatioBatchSamplerOptions> {}

/**
 * Batches of images that are all taller than wide, or all not, so that padding wastes little: samples wait, in the sampler's order, until a
 * batch of their kind is full. What is left at the end is mixed: the tall ones first. Every sample comes once; `dropLast` drops the smaller
 * last batch only. The dataset has `getDataInfo(index)` with width and height (keys `widthKey`, `heightKey`).
 *
 * A function of the sampler's order, so of (seed, epoch, rank): to start at batch k it reads records, but no image.
 * @throws `ENGINE_DATASET_NOT_IMPLEMENTED` when made, `ENGINE_DATASET_MISSING_KEY` from `batches`
 */
export class AspectRatioBatchSampler implements BatchSampler {
  static readonly entry = defineBatchSampler<
    'AspectRatioBatchSampler',
    typeof aspectRatioBatchSamplerOptions,
    AspectRatioBatchSamplerOptions
  >({
    name: 'AspectRatioBatchSampler',
    options: aspectRatioBatchSamplerOptions,
    create: (options, ctx) => new AspectRatioBatchSampler(ctx.args, options),
    module: '@engine/dataset',
    doc: 'Batches of images of one orientation, so that padding wastes little.',
  });
  readonly #args: BatchSamplerArgs;
  readonly #widthKey: string;
  readonly #heightKey: string;

  constructor(args: BatchSamplerArgs, options: AspectRatioBatchSamplerOptions = {}) {
    this.#args = args;
    this.#widthKey = options.widthKey ?? 'width';
    this.#heightKey = options.heightKey ?? 'height';
    if (args.dataset.getDataInfo !== undefined) return;
    throw datasetErrors.NOT_IMPLEMENTED({
      subject: 'AspectRatioBatchSampler',
      expected: 'a dataset with getDataInfo(index), which tells width and height',
      received: nameOf(args.dataset),
      action: 'add getDataInfo(index) to the dataset, or batch without batchSampler',
    });
  }

  get length(): number {
    return batchCount(this.#args.sampler.length, this.#args);
  }

  get isEndless(): boolean {
    return this.#args.sampler.isEndless === true;
  }

  *batches(epoch: number): Generator<number[]> {
    const { sampler, batchSize, dropLast } = this.#args;
    const waiting: { readonly tall: number[]; readonly wide: number[] } = { tall: [], wide: [] };
    for (const index of sampler.indices(epoch)) {
      const alike = waiting[this.#isTall(index) ? 'tall' : 'wide'];
      alike.push(index);
      if (alike.length === batchSize) yield alike.splice(0);
    }
    const left = [...waiting.tall, ...waiting.wide];
    while (left.length >= batchSize) yield left.splice(0, batchSize);
    if (left.length > 0 && !dropLast) yield left;
  }

  #isTall(index: number): boolean {
    const info = this.#args.dataset.getDataInfo?.(index) ?? {};
    const [width, height] = [info[this.#widthKey], info[this.#heightKey]];
    if (typeof width === 'number' && typeof height === 'number') return width < height;
    throw datasetErrors.MISSING_KEY({
      subject: `AspectRatioBatchSampler: record ${index}`,
      expected: `numbers in ${this.#widthKey} and ${this.#heightKey}`,
      received: `keys ${Object.keys(info).join(', ') || '(none)'}`,
      action: 'add width and height to the records, or name their keys with widthKey and heightKey',
    });
  }
}

declare module '@engine/registry' {
  interface BatchSamplers {
    AspectRatioBatchSampler: typeof AspectRatioBatchSampler;
  }
  interface KindTables {
    batchSampler: BatchSamplers;
  }
}
