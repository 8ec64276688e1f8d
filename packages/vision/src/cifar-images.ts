import { datasetsFolder, downloadFiles, type PublishedFile } from './download-files.js';
import { visionErrors } from './errors.js';
import { gunzip } from './gunzip.js';
import { checkLabels, ImageSet, type ImageSetInit, type LabelledImages, type ReadableStorage } from './image-set.js';
import { readTar } from './tar.js';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const PIXELS = 3 * PLANE;

/** A dataset in the binary files of CIFAR: records of labels and an image, channel by channel. */
export interface CifarSource {
  readonly name: string;
  readonly classes: readonly string[];
  readonly archive: PublishedFile;
  /** Folder of the files in the archive. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Bytes before the pixels of a record; the last of them is the class. */
  readonly labelBytes: number;
}

const MIRRORS = ['https://www.cs.toronto.edu/~kriz/'];

/** Colour images of 32 x 32 in the binary version of CIFAR: the archive as it is published, or its files. */
export abstract class CifarImages extends ImageSet {
  readonly #source: CifarSource;

  constructor(source: CifarSource, init: ImageSetInit) {
    super({ name: source.name, classes: source.classes, shape: [SIDE, SIDE, 3] }, init);
    this.#source = source;
  }

  protected async read(storage: ReadableStorage): Promise<LabelledImages> {
    const { root, download, mirrors = MIRRORS, logger } = this.given;
    const { name, archive } = this.#source;
    if (root === undefined && download !== true) throw this.#notFound([]);
    const folder = root ?? (await datasetsFolder());
    const found = await this.#find(storage, folder);
    if (found !== undefined) return this.#parse(found);
    if (download !== true) throw this.#notFound(this.#places(storage, folder));
    await downloadFiles({ dataset: name, files: [archive], folder, mirrors, logger });
    const downloaded = await this.#find(storage, folder);
    if (downloaded === undefined) throw this.#notFound(this.#places(storage, folder));
    return this.#parse(downloaded);
  }

  get #names(): readonly string[] {
    return this.testMode ? this.#source.test : this.#source.train;
  }

  /** Where the first file may be, and the archive. */
  #places(storage: ReadableStorage, root: string): [inFolder: string, inRoot: string, archive: string] {
    const [first = ''] = this.#names;
    const { folder, archive } = this.#source;
    return [storage.join(root, folder, first), storage.join(root, first), storage.join(root, archive.name)];
  }

  /** The files of the split by name; undefined where there are none. */
  async #find(storage: ReadableStorage, root: string): Promise<Map<string, Uint8Array> | undefined> {
    const [inFolder, inRoot, archive] = this.#places(storage, root);
    if (await storage.exists(inFolder)) return this.#readEach(storage, storage.join(root, this.#source.folder));
    if (await storage.exists(inRoot)) return this.#readEach(storage, root);
    if (!(await storage.exists(archive))) return undefined;
    const all = readTar(await gunzip(await storage.get(archive, { cached: true }), archive), archive);
    const wanted = this.#names.map((name) => [name, all.get(`${this.#source.folder}/${name}`)] as const);
    const missing = wanted.find(([, bytes]) => bytes === undefined);
    if (missing !== undefined) throw this.#notFound([`${archive}: ${this.#source.folder}/${missing[0]}`]);
    return new Map(wanted as readonly (readonly [string, Uint8Array])[]);
  }

  async #readEach(storage: ReadableStorage, folder: string): Promise<Map<string, Uint8Array>> {
    const files = new Map<string, Uint8Array>();
    for (const name of this.#names) files.set(name, await storage.get(storage.join(folder, name), { cached: true }));
    return files;
  }

  #parse(files: ReadonlyMap<string, Uint8Array>): LabelledImages {
    const { labelBytes, classes } = this.#source;
    const record = labelBytes + PIXELS;
    for (const [name, { length }] of files)
      if (length === 0 || length % record !== 0) throw badLength(name, length, record);
    const count = [...files.values()].reduce((total, { length }) => total + length / record, 0);
    const images = { pixels: new Uint8Array(count * PIXELS), labels: new Uint8Array(count) };
    let to = 0;
    for (const [name, bytes] of files) {
      const first = to;
      for (let from = 0; from < bytes.length; from += record, to += 1) {
        images.labels[to] = bytes[from + labelBytes - 1] as number;
        interleave(bytes.subarray(from + labelBytes, from + record), images.pixels, to * PIXELS);
      }
      checkLabels(images.labels.subarray(first, to), { name, classes: classes.length });
    }
    return images;
  }

  #notFound(tried: readonly string[]): Error {
    const { name, archive } = this.#source;
    return visionErrors.FILES_NOT_FOUND({
      subject: name,
      expected:
        tried.length === 0 ? 'a folder with the files as root, or download: true' : `one of ${tried.join(', ')}`,
      received: tried.length === 0 ? 'neither' : 'none of these files',
      action: `pass as root the folder of ${archive.name} (the binary version, not the one for Python), or download: true`,
    });
  }
}

/** Three planes to pixels of three channels. */
function interleave(planes: Uint8Array, into: Uint8Array, at: number): void {
  for (let pixel = 0, to = at; pixel < PLANE; pixel += 1, to += 3) {
    into[to] = planes[pixel] as number;
    into[to + 1] = planes[PLANE + pixel] as number;
    into[to + 2] = planes[2 * PLANE + pixel] as number;
  }
}

function badLength(name: string, length: number, record: number): Error {
  return visionErrors.RECORD_LENGTH({
    subject: name,
    expected: `records of ${record} bytes, one or more`,
    received: `${length} bytes`,
    action: 'fetch the file again: it is cut off, or belongs to another dataset',
  });
}
