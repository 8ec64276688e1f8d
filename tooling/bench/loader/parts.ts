/** The data of `npm run bench -- loader`: random pictures of CIFAR's shape, in memory that worker threads share. */
import { hostArray } from '@engine/core/plain';
import {
  Compose,
  type Dataset,
  defineDataset,
  type Sample,
  type SampleContext,
  settle,
  type Transform,
} from '@engine/dataset';
import { LazyImage, RandomCrop, RandomHorizontalFlip } from '@engine/vision';
import * as z from 'zod/mini';

const SIDE = 32;
const BYTES = SIDE * SIDE * 3;

/** To float32 with mean 0 and standard deviation 1 by channel. */
class Standardize implements Transform {
  readonly #table = Float32Array.from(
    { length: 3 * 256 },
    (_, i) => ((i % 256) / 255 - 0.5) / (0.2 + 0.02 * Math.floor(i / 256)),
  );

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    return settle(this.defer(sample));
  }

  defer(sample: Record<string, unknown>): Record<string, unknown> {
    return { ...sample, inputs: LazyImage.of(sample, 'Standardize').lookUp(this.#table) };
  }
}

class Pictures implements Dataset {
  readonly metainfo = {};
  readonly length: number;
  readonly #pipeline = new Compose([
    new RandomCrop({ size: SIDE, padding: 4 }),
    new RandomHorizontalFlip(),
    new Standardize(),
  ]);
  #pixels: Uint8Array = new Uint8Array(0);

  constructor(length: number) {
    this.length = length;
  }

  async init(): Promise<void> {
    const pixels = new Uint8Array(new SharedArrayBuffer(this.length * BYTES));
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i, 2654435761) >>> 24;
    this.#pixels = pixels;
  }

  share(): Uint8Array {
    return this.#pixels;
  }

  adopt(shared: unknown): void {
    this.#pixels = shared as Uint8Array;
  }

  get(index: number, ctx: SampleContext): Sample {
    const inputs = hostArray('uint8', [SIDE, SIDE, 3], this.#pixels.subarray(index * BYTES, (index + 1) * BYTES));
    return this.#pipeline.transform({ inputs, samples: index % 10 }, ctx) as unknown as Sample;
  }
}

export const BenchPictures = defineDataset({
  name: 'BenchPictures',
  options: z.strictObject({ length: z.int() }),
  create: ({ length }) => new Pictures(length),
  module: import.meta.url,
});
