import type { ConfigOf } from '@engine/registry';
import { expectTypeOf, test } from 'vitest';
import * as z from 'zod/mini';
import type { DataLoaderLike, Dataset } from './contract.js';
import { type DataLoader, type DataLoaderOptions, type DefaultSamplerOptions, defineDataset } from './index.js';

test('a data loader config knows its options', () => {
  expectTypeOf<DataLoaderOptions['batchSize']>().toEqualTypeOf<number>();
  expectTypeOf<DataLoaderOptions['shuffle']>().toEqualTypeOf<boolean | undefined>();
  // @ts-expect-error: no such option
  const misspelt: ConfigOf<'dataSampler'> = { type: 'DefaultSampler', shufle: true };
  expectTypeOf(misspelt).not.toBeAny();
  expectTypeOf<{ type: 'DefaultSampler'; shuffle: true }>().toExtend<ConfigOf<'dataSampler'>>();
  expectTypeOf<DefaultSamplerOptions>().toEqualTypeOf<{
    shuffle?: boolean | undefined;
    seed?: number | undefined;
    roundUp?: boolean | undefined;
  }>();
});

test('the loader is what the loops want', () => {
  expectTypeOf<DataLoader>().toExtend<DataLoaderLike>();
});

test('a defined dataset carries its name and options', () => {
  const entry = defineDataset({
    name: 'Mine',
    options: z.strictObject({ root: z.string() }),
    create: ({ root }) => ({ metainfo: { root }, init: async () => {}, length: 1, get: () => ({ inputs: 1 }) }),
  });
  expectTypeOf(entry.name).toEqualTypeOf<'Mine'>();
  expectTypeOf(entry.create).returns.toExtend<Dataset>();
});
