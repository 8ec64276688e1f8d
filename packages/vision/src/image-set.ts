import type { BuildContext, HostArray, Logger } from '@engine/core';
import type { Dataset, DatasetMeta, Sample, SampleContext, Transform } from '@engine/dataset';
import { Compose } from '@engine/dataset';
import type { StorageBackend } from '@engine/fileio';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from './errors.js';

/** What reading a dataset needs of a storage backend. */
export type ReadableStorage = Pick<StorageBackend, 'get' | 'exists' | 'join'>;

export const imageSetOptions = z.strictObject({
  root: z.optional(z.string()),
  train: z._default(z.boolean(), true),
  download: z._default(z.boolean(), false),
  mirrors: z.optional(z.array(z.string()).check(z.minLength(1))),
  pipeline: z._default(z.array(thing('transform')), []),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface ImageSetOptions extends Omit<z.input<typeof imageSetOptions>, 'pipeline'> {
  readonly pipeline?: readonly ConfigOf<'transform'>[] | undefined;
}

/** What a dataset of images in memory is made of. */
export interface ImageSetInit {
  /** Folder with the files, or URI of one. Default with `download`: `datasets` in the user's cache folder. */
  readonly root?: string | undefined;
  /** The images for training (default), or those of the test set. */
  readonly train?: boolean;
  /** Fetches what is not there, checked by MD5, into `root`, which then is a folder of this machine. Default false. */
  readonly download?: boolean;
  /** Addresses to download from, tried in turn. Default: where the dataset is published. */
  readonly mirrors?: readonly string[] | undefined;
  readonly pipeline?: readonly Transform[];
  /** Default: this machine, and web addresses. */
  readonly storage?: ReadableStorage;
  /** Is told of downloads. */
  readonly logger?: Logger;
}

/** The init of a configured dataset. */
export function builtInit(
  { pipeline, ...options }: z.output<typeof imageSetOptions>,
  ctx: BuildContext<'dataset'>,
): ImageSetInit {
  return {
    ...options,
    logger: ctx.logger,
    pipeline: pipeline.map((config, i) => ctx.build('transform', config, { key: `pipeline.${i}` })),
  };
}

/** Images of one size in the order of the files, with the index of a class each. */
export interface LabelledImages {
  /** All images on end, (height, width, channels) each. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Facts about a dataset that do not depend on its files. */
export interface ImageSetFacts {
  readonly name: string;
  readonly classes: readonly string[];
  readonly shape: readonly [height: number, width: number, channels: number];
}

/**
 * Images of one size in memory: `inputs` uint8 (height, width, channels), `samples` the index of the class. Before the pipeline, `inputs`
 * are views of the memory: nothing may write into them. Worker threads share it.
 */
export abstract class ImageSet implements Dataset {
  readonly metainfo: DatasetMeta;
  /** True for the test set. */
  readonly testMode: boolean;
  protected readonly facts: ImageSetFacts;
  protected readonly given: ImageSetInit;
  readonly #pipeline: Compose;
  #loading: Promise<void> | undefined;
  #images: LabelledImages | undefined;

  constructor(facts: ImageSetFacts, init: ImageSetInit) {
    this.metainfo = Object.freeze({ datasetType: facts.name, classes: facts.classes });
    this.testMode = init.train === false;
    this.facts = facts;
    this.given = init;
    this.#pipeline = new Compose(init.pipeline ?? []);
  }

  /** Reads and checks the files. Called once, and again after a failure. */
  protected abstract read(storage: ReadableStorage): Promise<LabelledImages>;

  /** Reads and checks the files, once; after a failure it may be called again. @throws `ENGINE_VISION_*`, those of `download` */
  init(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    this.#images = await this.read(this.given.storage ?? (await nodeFiles()));
  }

  share(): LabelledImages {
    const { pixels, labels } = this.#ready();
    return { pixels: shared(pixels), labels: shared(labels) };
  }

  adopt(images: unknown): void {
    this.#images = images as LabelledImages;
    this.#loading = Promise.resolve();
  }

  get length(): number {
    return this.#ready().labels.length;
  }

  get(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null> {
    const { pixels, labels } = this.#ready();
    const label = labels[index];
    if (label === undefined) throw this.#noSuchSample(index, labels.length);
    const { shape } = this.facts;
    const size = shape[0] * shape[1] * shape[2];
    const inputs: HostArray<'uint8'> = {
      dtype: 'uint8',
      shape,
      data: pixels.subarray(index * size, (index + 1) * size),
    };
    return this.#pipeline.transform({ inputs, samples: label }, ctx) as Sample | null | Promise<Sample | null>;
  }

  #ready(): LabelledImages {
    if (this.#images !== undefined) return this.#images;
    throw visionErrors.NOT_READY({
      subject: this.facts.name,
      expected: 'a dataset whose init() has resolved',
      received: 'one whose files were not read',
      action: 'call `await dataset.init()` first; a data loader does that in its own init()',
    });
  }

  #noSuchSample(index: number, length: number): Error {
    return visionErrors.INDEX_RANGE({
      subject: this.facts.name,
      expected: `an index from 0 to ${length - 1}`,
      received: `index = ${index}`,
      action: 'use indices of a sampler made for this dataset',
    });
  }
}

/** @throws `ENGINE_VISION_LABEL_RANGE` */
export function checkLabels(
  labels: Uint8Array,
  { name, classes }: { readonly name: string; readonly classes: number },
): void {
  const index = labels.findIndex((label) => label >= classes);
  if (index < 0) return;
  throw visionErrors.LABEL_RANGE({
    subject: name,
    expected: `labels from 0 to ${classes - 1}`,
    received: `label = ${labels[index]} at index ${index}`,
    action: 'fetch the file again: it is damaged or belongs to another dataset',
  });
}

function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** Node only, so it is imported when it is needed. */
async function nodeFiles(): Promise<ReadableStorage> {
  const { nodeStorage } = await import('@engine/fileio');
  return nodeStorage();
}
