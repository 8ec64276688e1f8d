/** The data, in a file of its own as worker threads need it. */
import { hostArray, KeyedRandom } from '@engine/core/plain';
import { Compose, type Dataset, defineDataset, type Sample, type SampleContext, type Transform } from '@engine/dataset';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';

declare module '@engine/registry' {
  interface Datasets {
    Quarters: typeof Quarters;
  }
}

/** Of a picture, in pixels. */
const SIDE = 12;
const CLASSES = 4;

const options = z.strictObject({
  length: z.int().check(z.positive()),
  pipeline: z._default(z.array(thing('transform')), []),
});
export interface QuartersOptions extends Omit<z.input<typeof options>, 'pipeline'> {
  readonly pipeline?: readonly ConfigOf<'transform'>[];
}

/** Noisy pictures of four classes, uint8 (12, 12, 1): a brighter quarter says which. */
export const Quarters = defineDataset<'Quarters', typeof options, QuartersOptions>({
  name: 'Quarters',
  options,
  create: ({ length, pipeline }, ctx) =>
    new QuartersDataset(
      length,
      pipeline.map((config, i) => ctx.build('transform', config, { key: `pipeline.${i}` })),
    ),
  module: import.meta.url,
  doc: 'Noisy pictures with one bright quarter.',
});

class QuartersDataset implements Dataset {
  readonly metainfo = { classes: Array.from({ length: CLASSES }, (_, i) => String(i)) };
  readonly length: number;
  readonly #pipeline: Compose;

  constructor(length: number, pipeline: readonly Transform[]) {
    this.length = length;
    this.#pipeline = new Compose(pipeline);
  }

  async init(): Promise<void> {}

  get(index: number, ctx: SampleContext): Promise<Sample | null> | Sample | null {
    const label = index % CLASSES;
    const noise = new KeyedRandom(1, 'quarters', index);
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
      const quarter = Math.floor((2 * i) / (SIDE * SIDE)) * 2 + Math.floor((2 * (i % SIDE)) / SIDE);
      return noise.nextFloat() * 200 + (quarter === label ? 50 : 0);
    });
    const sample = { inputs: hostArray('uint8', [SIDE, SIDE, 1], data), samples: label };
    return this.#pipeline.transform(sample, ctx) as Promise<Sample | null> | Sample | null;
  }
}
