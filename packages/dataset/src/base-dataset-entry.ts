import type { BuildContext } from '@engine/core/plain';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseDataset, type BaseDatasetInit } from './base-dataset.js';
import { defineDataset } from './define.js';

const fields = z.record(z.string(), z.unknown());

/** Options of {@link BaseDataset}, for entries of subclasses: `z.extend(baseDatasetOptions, { ... })`. */
export const baseDatasetOptions = z.strictObject({
  annFile: z._default(z.string(), ''),
  metainfo: z.optional(fields),
  dataRoot: z._default(z.string(), ''),
  dataPrefix: z._default(z.record(z.string(), z.string()), { img_path: '' }),
  filterCfg: z.optional(fields),
  indices: z.optional(z.union([z.int(), z.array(z.int())])),
  serializeData: z._default(z.boolean(), true),
  pipeline: z._default(z.array(thing('transform')), []),
  testMode: z._default(z.boolean(), false),
  lazyInit: z._default(z.boolean(), false),
  maxRefetch: z.optional(z.int().check(z.nonnegative())),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface BaseDatasetOptions extends Omit<z.input<typeof baseDatasetOptions>, 'pipeline'> {
  readonly pipeline?: readonly ConfigOf<'transform'>[] | undefined;
}

/** What the constructor of a {@link BaseDataset} takes, from the options of its entry: transforms are built, the run's logger is used. */
export function baseDatasetInit(
  options: z.output<typeof baseDatasetOptions>,
  ctx: BuildContext<'dataset'>,
): BaseDatasetInit {
  const pipeline = options.pipeline.map((config, i) => ctx.build('transform', config, { key: `pipeline.${i}` }));
  return { ...options, pipeline, logger: ctx.logger };
}

/** {@link BaseDataset} by name. The class has no entry of its own, so that subclasses may have theirs. */
export const baseDatasetEntry = defineDataset<'BaseDataset', typeof baseDatasetOptions, BaseDatasetOptions>({
  name: 'BaseDataset',
  options: baseDatasetOptions,
  create: (options, ctx) => new BaseDataset(baseDatasetInit(options, ctx)),
  module: '@engine/dataset',
  export: 'baseDatasetEntry',
  doc: 'Samples of an annotation file (JSON, YAML), through a pipeline.',
});

declare module '@engine/registry' {
  interface Datasets {
    BaseDataset: typeof baseDatasetEntry;
  }
}
