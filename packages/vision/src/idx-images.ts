import type { HostArray } from '@engine/core';
import { dataPackageFolder } from './data-package.js';
import { datasetsFolder, downloadFiles } from './download-files.js';
import { visionErrors } from './errors.js';
import { readIdxFile } from './idx-files.js';
import { checkLabels, ImageSet, type ImageSetInit, type LabelledImages, type ReadableStorage } from './image-set.js';

const SIDE = 28;

/** A dataset in the four files of MNIST. */
export interface IdxSource {
  readonly name: string;
  readonly classes: readonly string[];
  readonly mirrors: readonly string[];
  /** MD5 of each file, gzipped as it is published. */
  readonly md5: { readonly [part in `${'train' | 't10k'}-${'images' | 'labels'}`]: string };
  /** npm package that has the files too. */
  readonly dataPackage?: string;
}

/** Images of 28 x 28 in IDX files: MNIST and those that were made after it. */
export abstract class IdxImages extends ImageSet {
  readonly #source: IdxSource;

  constructor(source: IdxSource, init: ImageSetInit) {
    super({ name: source.name, classes: source.classes, shape: [SIDE, SIDE, 1] }, init);
    this.#source = source;
  }

  protected async read(storage: ReadableStorage): Promise<LabelledImages> {
    const root = await this.#root(storage);
    try {
      return await this.#readFrom(storage, root);
    } catch (error) {
      if (!this.given.download || (error as { code?: unknown }).code !== visionErrors.FILES_NOT_FOUND.code) throw error;
    }
    await this.#download(root);
    return this.#readFrom(storage, root);
  }

  async #root(storage: ReadableStorage): Promise<string> {
    const { root, download } = this.given;
    if (root !== undefined) return root;
    if (download === true) return datasetsFolder();
    const { name, dataPackage } = this.#source;
    if (dataPackage === undefined) throw noRoot(name);
    return storage.join(await dataPackageFolder(dataPackage, { dataset: name }), 'data');
  }

  async #readFrom(storage: ReadableStorage, root: string): Promise<LabelledImages> {
    const { name, classes } = this.#source;
    const [imagesName, labelsName] = [`${this.#split}-images-idx3-ubyte`, `${this.#split}-labels-idx1-ubyte`];
    const images = await readIdxFile(storage, { root, name: imagesName, dimensions: 3, dataset: name });
    const labels = await readIdxFile(storage, { root, name: labelsName, dimensions: 1, dataset: name });
    checkImages(images, imagesName);
    checkCount(labels, { name: labelsName, images: images.shape[0] as number });
    checkLabels(labels.data, { name: labelsName, classes: classes.length });
    return { pixels: images.data, labels: labels.data };
  }

  async #download(root: string): Promise<void> {
    const { name, mirrors, md5 } = this.#source;
    const { join } = await import('node:path');
    await downloadFiles({
      dataset: name,
      files: [
        { name: `${this.#split}-images-idx3-ubyte.gz`, md5: md5[`${this.#split}-images`] },
        { name: `${this.#split}-labels-idx1-ubyte.gz`, md5: md5[`${this.#split}-labels`] },
      ],
      folder: join(root, name, 'raw'),
      mirrors: this.given.mirrors ?? mirrors,
      logger: this.given.logger,
    });
  }

  get #split(): 'train' | 't10k' {
    return this.testMode ? 't10k' : 'train';
  }
}

function checkImages({ shape }: HostArray, name: string): void {
  const [count, height, width] = shape;
  if (height === SIDE && width === SIDE) return;
  throw visionErrors.IMAGE_SHAPE({
    subject: name,
    expected: `shape (${count}, ${SIDE}, ${SIDE})`,
    received: `shape (${shape.join(', ')})`,
    action: 'use the original files',
  });
}

function checkCount(
  { data }: HostArray<'uint8'>,
  { name, images }: { readonly name: string; readonly images: number },
): void {
  if (data.length === images) return;
  throw visionErrors.COUNT_MISMATCH({
    subject: name,
    expected: `${images} labels, one for each image`,
    received: `${data.length} labels`,
    action: 'take images and labels of the same split',
  });
}

function noRoot(dataset: string): Error {
  return visionErrors.FILES_NOT_FOUND({
    subject: dataset,
    expected: 'a folder with the files as root, or download: true',
    received: 'neither',
    action: "pass root: 'path/to/the/files', or download: true",
  });
}
