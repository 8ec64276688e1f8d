import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import type { Dataset } from './contract.js';
import { DatasetWrapper } from './dataset-wrapper.js';
import { defineDataset } from './define.js';
import { datasetErrors } from './errors.js';

const repeatDatasetOptions = z.strictObject({
  dataset: thing('dataset'),
  times: z.int().check(z.positive()),
  lazyInit: z._default(z.boolean(), false),
});
export interface RepeatDatasetOptions extends Omit<z.input<typeof repeatDatasetOptions>, 'dataset'> {
  readonly dataset: ConfigOf<'dataset'>;
}

/**
 * A dataset several times over, so that an epoch is longer: fewer pauses between epochs for small datasets. Augmentation
 * differs between the repetitions.
 * @throws `ENGINE_DATASET_NOT_A_DATASET`, `ENGINE_DATASET_BAD_OPTION` when made
 */
export class RepeatDataset extends DatasetWrapper {
  static readonly entry = defineDataset<'RepeatDataset', typeof repeatDatasetOptions, RepeatDatasetOptions>({
    name: 'RepeatDataset',
    options: repeatDatasetOptions,
    create: ({ dataset, times, lazyInit }, ctx) =>
      new RepeatDataset(ctx.build('dataset', dataset, { key: 'dataset' }), times, { lazyInit }),
    module: '@engine/dataset',
    doc: 'A dataset several times over.',
  });
  readonly times: number;

  constructor(dataset: Dataset, times: number, options: { readonly lazyInit?: boolean | undefined } = {}) {
    super([dataset], options);
    this.times = times;
    if (Number.isSafeInteger(times) && times > 0) return;
    throw datasetErrors.BAD_OPTION({
      subject: 'RepeatDataset',
      expected: 'times, an integer of at least 1',
      received: `times = ${times}`,
      action: 'pass 1 or more',
    });
  }

  get length(): number {
    this.checkReady();
    return this.times * this.#child.length;
  }

  get #child(): Dataset {
    return this.datasets[0] as Dataset;
  }

  protected originOf(place: number): { dataset: Dataset; index: number } {
    return { dataset: this.#child, index: place % this.#child.length };
  }
}

declare module '@engine/registry' {
  interface Datasets {
    RepeatDataset: typeof RepeatDataset;
  }
}
