import type { HostArray } from '@engine/core';
import {
  BaseDataset,
  type BaseDatasetInit,
  type BaseDatasetOptions,
  baseDatasetInit,
  baseDatasetOptions,
  type DataInfo,
  defineDataset,
  type LazyArray,
  type Sample,
  type SampleContext,
} from '@engine/dataset';
import type { StorageBackend } from '@engine/fileio';
import * as z from 'zod/mini';
import { visionErrors } from './errors.js';
import { decodeWindow } from './pixels/decode.js';
import { LoadImageFromFile } from './transforms/load-image-from-file.js';
import { RandomResizedCrop } from './transforms/random-resized-crop.js';

const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp'];

const imageFolderOptions = z.extend(z.omit(baseDatasetOptions, { annFile: true, dataRoot: true, dataPrefix: true }), {
  root: z.string(),
  extensions: z._default(z.array(z.string()).check(z.minLength(1)), EXTENSIONS),
  allowEmpty: z._default(z.boolean(), false),
});
/** Kinds are spelt out, as in `BaseDatasetOptions`. */
export interface ImageFolderOptions
  extends Omit<z.input<typeof imageFolderOptions>, 'pipeline'>,
    Pick<BaseDatasetOptions, 'pipeline'> {}

/** What of a storage is needed to list and read images. */
export type FolderStorage = Pick<StorageBackend, 'get' | 'list' | 'stat' | 'join'>;

/** What an {@link ImageFolder} is made of. */
export interface ImageFolderInit extends Omit<BaseDatasetInit, 'annFile' | 'dataRoot' | 'dataPrefix' | 'storage'> {
  /** Folder, or URI of one, with a folder for each class. */
  readonly root: string;
  /** Endings of image files, whatever their case. Default: those of torchvision. */
  readonly extensions?: readonly string[] | undefined;
  /** Let a class have no image (default false). */
  readonly allowEmpty?: boolean | undefined;
  /** Default: this machine. */
  readonly storage?: FolderStorage | undefined;
}

/**
 * Images in a folder for each class: `root/cat/a.jpg`, `root/dog/deep/b.png`. Classes are the names of the folders in the order of their names, or those of `metainfo.classes`; images come class by class, in the order of their paths.
 *
 * A sample has `inputs` uint8 `(H, W, 3)` in red, green, blue, `samples` the index of the class, and `img_path`. A pipeline with a `LoadImageFromFile` of its
 * own loads with that, and starts from `{ img_path, samples }`. Where a `RandomResizedCrop` comes first, only what it takes of a JPEG is decoded, to the same pixels; damage elsewhere
 * inside the file then stays unseen.
 * @throws `ENGINE_VISION_NO_CLASSES` from `init()`; those of `LoadImageFromFile` for a sample
 */
export class ImageFolder extends BaseDataset {
  static readonly entry = defineDataset<'ImageFolder', typeof imageFolderOptions, ImageFolderOptions>({
    name: 'ImageFolder',
    options: imageFolderOptions,
    create: ({ root, extensions, allowEmpty, ...options }, ctx) => {
      const base = baseDatasetInit({ ...options, annFile: '', dataRoot: '', dataPrefix: {} }, ctx);
      return new ImageFolder({ ...base, storage: undefined, root, extensions, allowEmpty });
    },
    module: '@engine/vision',
    doc: 'Images in a folder for each class.',
  });
  readonly root: string;
  private readonly extensions: readonly string[];
  private readonly allowEmpty: boolean;
  private readonly files: FolderStorage | undefined;
  private readonly loader: LoadImageFromFile | undefined;

  constructor({ root, extensions = EXTENSIONS, allowEmpty = false, storage, ...init }: ImageFolderInit) {
    super({ ...init, storage, annFile: '', dataRoot: '', dataPrefix: {} });
    this.root = root;
    this.extensions = extensions.map((extension) => extension.toLowerCase());
    this.allowEmpty = allowEmpty;
    this.files = storage;
    const loadsItself = this.pipeline.transforms.some((transform) => transform instanceof LoadImageFromFile);
    this.loader = loadsItself ? undefined : new LoadImageFromFile({}, { storage });
  }

  override async loadDataList(): Promise<DataInfo[]> {
    const storage = this.files ?? (await import('@engine/fileio')).nodeStorage();
    const given = this.metainfo.classes;
    const classes = given ?? (await foldersIn(storage, this.root));
    if (classes.length === 0) throw this.nothing(`${this.root} has no folder`, 'a folder for each class in root');
    this.addMetainfo({ classes });
    const records: DataInfo[] = [];
    const empty: string[] = [];
    for (const [label, name] of classes.entries()) {
      const paths = await this.imagesBelow(storage, storage.join(this.root, name));
      if (paths.length === 0) empty.push(name);
      for (const path of paths) records.push({ img_path: path, samples: label });
    }
    if (empty.length > 0 && !this.allowEmpty)
      throw this.nothing(`none for ${empty.join(', ')}`, `images (${this.extensions.join(', ')}) for each class`);
    return records;
  }

  /** Paths of the images in a folder and in those below it: folder by folder, in the order of their paths. */
  private async imagesBelow(storage: FolderStorage, top: string): Promise<string[]> {
    const found = new Map<string, string[]>();
    const folders = [top];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const images: string[] = [];
      for (const name of await storage.list(folder)) {
        const path = storage.join(folder, name);
        if (this.isImage(name)) images.push(path);
        else if ((await storage.stat(path))?.type === 'folder') folders.push(path);
      }
      found.set(folder, images.sort(byName));
    }
    return [...found.keys()].sort(byName).flatMap((folder) => found.get(folder) as string[]);
  }

  private isImage(name: string): boolean {
    const lower = name.toLowerCase();
    return this.extensions.some((extension) => lower.endsWith(extension));
  }

  override getCatIds(index: number): readonly number[] {
    return [this.getDataInfo(index).samples as number];
  }

  override prepareData(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null> {
    return this.loader === undefined ? super.prepareData(index, ctx) : this.loaded(this.loader, index, ctx);
  }

  private async loaded(loader: LoadImageFromFile, index: number, ctx: SampleContext): Promise<Sample | null> {
    const { img_path, samples } = this.getDataInfo(index);
    const inputs = await this.image(loader, img_path as string, ctx);
    return this.pipeline.transform({ inputs, samples, img_path }, ctx) as Sample | null | Promise<Sample | null>;
  }

  /** Of a picture of which the pipeline cuts out a piece first, no more than that is decoded. */
  private async image(loader: LoadImageFromFile, path: string, ctx: SampleContext): Promise<HostArray | LazyArray> {
    const [first] = this.pipeline.transforms;
    if (!(first instanceof RandomResizedCrop)) return loader.load(path);
    const own = { ...ctx, stream: ctx.stream === undefined ? '0' : `${ctx.stream}.0` }; // as the pipeline names it
    const storage = this.files ?? (await import('@engine/fileio')).nodeStorage();
    return decodeWindow(await storage.get(path), path, (size) => first.windowIn(size, own));
  }

  private nothing(received: string, expected: string): Error {
    return visionErrors.NO_CLASSES({
      subject: `ImageFolder ${this.root}`,
      expected,
      received,
      action:
        'check root (it holds the folders of the classes themselves) and extensions; allowEmpty: true lets a class be empty',
    });
  }
}

async function foldersIn(storage: FolderStorage, root: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await storage.list(root))
    if ((await storage.stat(storage.join(root, name)))?.type === 'folder') names.push(name);
  return names.sort(byName);
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

declare module '@engine/registry' {
  interface Datasets {
    ImageFolder: typeof ImageFolder;
  }
}
