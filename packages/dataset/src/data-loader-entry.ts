import { type BuildContext, defineEntry, type Entry } from '@engine/core/plain';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import type { DataLoader } from './data-loader.js';
import type { DataLoaderInit } from './data-loader-init.js';
import { DefaultSampler } from './default-sampler.js';
import { IterableDataset } from './iterable-dataset.js';
import { StreamOrder } from './stream-order.js';

const dataLoaderOptions = z.strictObject({
  dataset: thing('dataset'),
  batchSize: z.int().check(z.positive()),
  sampler: z.optional(thing('dataSampler')),
  batchSampler: z.optional(thing('batchSampler')),
  shuffle: z.optional(z.boolean()),
  dropLast: z._default(z.boolean(), false),
  collateFn: z.optional(thing('collate')),
  prefetch: z._default(z.int().check(z.nonnegative()), 2),
  maxRefetch: z.optional(z.int().check(z.nonnegative())),
  strict: z._default(z.boolean(), false),
  numWorkers: z._default(z.int().check(z.nonnegative()), 0),
  prefetchFactor: z._default(z.int().check(z.positive()), 2),
  persistentWorkers: z._default(z.boolean(), true),
  timeout: z._default(z.number().check(z.nonnegative()), 0),
  workerInitFn: z.optional(thing('workerInitFn')),
});

/** The `trainDataloader`, `valDataloader`, `testDataloader` of a config. */
export interface DataLoaderOptions
  extends Omit<
    z.input<typeof dataLoaderOptions>,
    'dataset' | 'sampler' | 'batchSampler' | 'collateFn' | 'workerInitFn'
  > {
  readonly dataset: ConfigOf<'dataset'>; // kinds are spelt out: a schema's type is fixed before other packages add their entries
  readonly sampler?: ConfigOf<'dataSampler'> | undefined;
  readonly batchSampler?: ConfigOf<'batchSampler'> | undefined;
  readonly collateFn?: ConfigOf<'collate'> | undefined;
  readonly workerInitFn?: ConfigOf<'workerInitFn'> | undefined;
}

/** Makes the entry of the data loader: dataset, sampler and collate function are built from their configs, for the rank at hand. */
export function dataLoaderEntry(
  make: (init: DataLoaderInit) => DataLoader,
): Entry<'dataLoader', 'DataLoader', DataLoaderOptions> {
  return defineEntry<'dataLoader', 'DataLoader', typeof dataLoaderOptions, DataLoaderOptions>('dataLoader', {
    name: 'DataLoader',
    options: dataLoaderOptions,
    create: ({ dataset: datasetConfig, sampler, shuffle, ...given }, ctx) => {
      const { batchSampler, collateFn, workerInitFn, ...options } = given;
      const dataset = ctx.build('dataset', datasetConfig, { key: 'dataset' });
      if (workerInitFn !== undefined) ctx.build('workerInitFn', workerInitFn, { key: 'workerInitFn' });
      const args = { dataset, ...rankOf(ctx) };
      const samplerConfig = sampler ?? { type: DefaultSampler, shuffle: shuffle ?? false };
      const isStream = dataset instanceof IterableDataset && sampler === undefined;
      const built = isStream
        ? new StreamOrder(args)
        : ctx.build('dataSampler', samplerConfig, { key: 'sampler', args });
      const { batchSize, dropLast } = options;
      const batching = { dataset, sampler: built, batchSize, dropLast };
      return make({
        ...options,
        dataset,
        seed: args.seed,
        sampler: built,
        batchSampler: optional(batchSampler, (config) =>
          ctx.build('batchSampler', config, { key: 'batchSampler', args: batching }),
        ),
        shuffle: sampler === undefined && !isStream ? undefined : shuffle,
        worldSize: args.worldSize,
        collateFn: optional(collateFn, (config) => ctx.build('collate', config, { key: 'collateFn' })),
        rank: args.rank,
        logger: ctx.logger,
        rebuild: {
          dataset: ctx.recipe('dataset'),
          collateFn: ctx.recipe('collateFn'),
          workerInitFn: ctx.recipe('workerInitFn'),
        },
      });
    },
    module: '@engine/dataset',
    doc: 'Batches of a dataset, in the order of a sampler.',
  });
}

function optional<T>(config: unknown, build: (config: unknown) => T): T | undefined {
  return config === undefined ? undefined : build(config);
}

function rankOf({ args, communicator }: BuildContext<'dataLoader'>): { seed: number; rank: number; worldSize: number } {
  return { seed: args.seed, rank: communicator.rank, worldSize: communicator.size };
}
