import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import type { Dataset, DatasetMeta } from './contract.js';
import { DatasetWrapper } from './dataset-wrapper.js';
import { defineDataset } from './define.js';
import { datasetErrors } from './errors.js';
import { sameValue } from './same-value.js';
import { describeType, placeOf } from './subset.js';

const concatDatasetOptions = z.strictObject({
  datasets: z.array(thing('dataset')).check(z.minLength(1)),
  lazyInit: z._default(z.boolean(), false),
  ignoreKeys: z.optional(z.union([z.string(), z.array(z.string())])),
});
export interface ConcatDatasetOptions extends Omit<z.input<typeof concatDatasetOptions>, 'datasets'> {
  readonly datasets: readonly ConfigOf<'dataset'>[];
}

/** Options of a {@link ConcatDataset} made by hand. */
export interface ConcatDatasetInit {
  /** Prepare nothing before `init()` (default false). */
  readonly lazyInit?: boolean | undefined;
  /** Keys of metainfo that may differ. Default: none. */
  readonly ignoreKeys?: string | readonly string[] | undefined;
}

/**
 * Datasets one after the other. `metainfo` is the first one's; all must agree, but for `ignoreKeys`, which `init()` checks.
 * @throws `ENGINE_DATASET_NOT_A_DATASET`, `ENGINE_DATASET_BAD_OPTION` when made; `ENGINE_DATASET_METAINFO_MISMATCH` by `init()`
 */
export class ConcatDataset extends DatasetWrapper {
  static readonly entry = defineDataset<'ConcatDataset', typeof concatDatasetOptions, ConcatDatasetOptions>({
    name: 'ConcatDataset',
    options: concatDatasetOptions,
    create: ({ datasets, ...options }, ctx) =>
      new ConcatDataset(
        datasets.map((config, i) => ctx.build('dataset', config, { key: `datasets.${i}` })),
        options,
      ),
    module: '@engine/dataset',
    doc: 'Datasets one after the other.',
  });
  readonly ignoreKeys: readonly string[];
  /** Length up to and with each dataset. */
  #ends: readonly number[] = [];

  constructor(datasets: readonly Dataset[], { lazyInit, ignoreKeys = [] }: ConcatDatasetInit = {}) {
    super(datasets, { lazyInit });
    if (datasets.length === 0) throw badOption('datasets', 'at least one dataset', 'an empty list');
    this.ignoreKeys = typeof ignoreKeys === 'string' ? [ignoreKeys] : ignoreKeys;
    if (!Array.isArray(this.ignoreKeys))
      throw badOption('ignoreKeys', 'a key or a list of keys', describeType(ignoreKeys));
  }

  get length(): number {
    this.checkReady();
    return this.#ends.at(-1) as number;
  }

  /** The number of the dataset and the index in it that stand at `index` (negative: from the end). @throws `ENGINE_DATASET_INDEX_RANGE` */
  locate(index: number): readonly [dataset: number, index: number] {
    const place = placeOf(index, this.length, 'ConcatDataset');
    let [low, high] = [0, this.#ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] as number) <= place) low = middle + 1;
      else high = middle;
    }
    return [low, place - (this.#ends[low - 1] ?? 0)];
  }

  protected originOf(place: number): { dataset: Dataset; index: number } {
    const [number, index] = this.locate(place);
    return { dataset: this.datasets[number] as Dataset, index };
  }

  protected override prepare(): void {
    checkMetainfo(
      this.datasets.map(({ metainfo }) => metainfo),
      this.ignoreKeys,
    );
    this.#measure();
  }

  protected override adoptState(): void {
    this.#measure();
  }

  #measure(): void {
    let end = 0;
    this.#ends = this.datasets.map(({ length }) => {
      end += length;
      return end;
    });
  }
}

function checkMetainfo(all: readonly DatasetMeta[], ignored: readonly string[]): void {
  const [first = {}] = all;
  for (const key of new Set(all.flatMap((metainfo) => Object.keys(metainfo)))) {
    if (ignored.includes(key)) continue;
    const other = all.findIndex((metainfo) => !Object.hasOwn(metainfo, key) || !sameValue(metainfo[key], first[key]));
    if (other < 0) continue;
    const without = all.findIndex((metainfo) => !Object.hasOwn(metainfo, key));
    throw datasetErrors.METAINFO_MISMATCH({
      subject: `ConcatDataset: metainfo.${key}`,
      expected: 'datasets that agree about what is in them',
      received:
        without >= 0
          ? `no ${key} in dataset ${without}`
          : `${JSON.stringify(first[key])} in dataset 0, ${JSON.stringify(all[other]?.[key])} in dataset ${other}`,
      action: `make them agree, or pass ignoreKeys: ['${key}']`,
    });
  }
}

function badOption(subject: string, expected: string, received: string): Error {
  return datasetErrors.BAD_OPTION({
    subject: `ConcatDataset: ${subject}`,
    expected,
    received,
    action: 'correct the option',
  });
}

declare module '@engine/registry' {
  interface Datasets {
    ConcatDataset: typeof ConcatDataset;
  }
}
