import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import type { Dataset } from './contract.js';
import { type DatasetExtras, DatasetWrapper } from './dataset-wrapper.js';
import { defineDataset } from './define.js';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';

const classBalancedDatasetOptions = z.strictObject({
  dataset: thing('dataset'),
  oversampleThr: z.number().check(z.nonnegative()),
  lazyInit: z._default(z.boolean(), false),
});
export interface ClassBalancedDatasetOptions extends Omit<z.input<typeof classBalancedDatasetOptions>, 'dataset'> {
  readonly dataset: ConfigOf<'dataset'>;
}

/**
 * A dataset in which samples of rare categories come several times. The share of samples that hold category c is f(c); a sample is
 * repeated ceil(max over its categories of max(1, sqrt(oversampleThr / f(c)))) times, in the dataset's order; one without a category
 * comes once. (Repeat factor sampling: Gupta et al., LVIS, 2019, with the factor rounded up.)
 *
 * The dataset needs `getCatIds(index)`.
 * @throws `ENGINE_DATASET_NOT_A_DATASET`, `ENGINE_DATASET_BAD_OPTION` when made; `ENGINE_DATASET_NOT_IMPLEMENTED` by `init()`
 */
export class ClassBalancedDataset extends DatasetWrapper {
  static readonly entry = defineDataset<
    'ClassBalancedDataset',
    typeof classBalancedDatasetOptions,
    ClassBalancedDatasetOptions
  >({
    name: 'ClassBalancedDataset',
    options: classBalancedDatasetOptions,
    create: ({ dataset, oversampleThr, lazyInit }, ctx) =>
      new ClassBalancedDataset(ctx.build('dataset', dataset, { key: 'dataset' }), oversampleThr, { lazyInit }),
    module: '@engine/dataset',
    doc: 'Samples of rare categories come several times.',
  });
  readonly oversampleThr: number;
  #repeatIndices: Int32Array = new Int32Array(0);

  constructor(dataset: Dataset, oversampleThr: number, options: { readonly lazyInit?: boolean | undefined } = {}) {
    super([dataset], options);
    this.oversampleThr = oversampleThr;
    if (Number.isFinite(oversampleThr) && oversampleThr >= 0) return;
    throw datasetErrors.BAD_OPTION({
      subject: 'ClassBalancedDataset',
      expected: 'oversampleThr, a number of at least 0',
      received: `oversampleThr = ${oversampleThr}`,
      action: 'pass the share below which a category is rare, e.g. 0.001',
    });
  }

  /** The index in the dataset inside, for each index here. */
  get repeatIndices(): Int32Array {
    this.checkReady();
    return this.#repeatIndices;
  }

  get length(): number {
    return this.repeatIndices.length;
  }

  get #child(): Dataset & DatasetExtras {
    return this.datasets[0] as Dataset & DatasetExtras;
  }

  protected originOf(place: number): { dataset: Dataset; index: number } {
    return { dataset: this.#child, index: this.#repeatIndices[place] as number };
  }

  protected override prepare(): void {
    const { length } = this.#child;
    const categories = Array.from({ length }, (_, i) => new Set(this.#categoriesOf(i)));
    const counts = new Map<number, number>();
    for (const id of categories.flatMap((ids) => [...ids])) counts.set(id, (counts.get(id) ?? 0) + 1);
    const factors = new Map(
      [...counts].map(([id, n]) => [id, Math.max(1, Math.sqrt(this.oversampleThr / (n / length)))]),
    );
    const indices = categories.flatMap((ids, i) => {
      const factor = Math.max(1, ...[...ids].map((id) => factors.get(id) as number));
      return Array.from({ length: Math.ceil(factor) }, () => i);
    });
    const shared = new Int32Array(new SharedArrayBuffer(indices.length * 4));
    shared.set(indices);
    this.#repeatIndices = shared;
  }

  #categoriesOf(index: number): readonly number[] {
    if (this.#child.getCatIds !== undefined) return this.#child.getCatIds(index);
    throw datasetErrors.NOT_IMPLEMENTED({
      subject: `${nameOf(this.#child)}.getCatIds`,
      expected: 'a dataset that tells the categories of a sample',
      received: 'one without getCatIds',
      action: 'add getCatIds(index) to the dataset',
    });
  }

  protected override sharedState(): unknown {
    return this.#repeatIndices;
  }

  protected override adoptState(state: unknown): void {
    this.#repeatIndices = state as Int32Array;
  }
}

declare module '@engine/registry' {
  interface Datasets {
    ClassBalancedDataset: typeof ClassBalancedDataset;
  }
}
