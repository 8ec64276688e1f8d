import { EngineError, type HostArray, hostArray, isHostArray } from '@engine/core';
import { datasetErrors, defineTransform, type Transform } from '@engine/dataset';
import type { StorageBackend } from '@engine/fileio';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { type DecodeOptions, decodeImage } from '../pixels/decode.js';

const loadImageOptions = z.strictObject({
  toFloat32: z._default(z.boolean(), false),
  colorType: z._default(
    z.enum(['color', 'color_ignore_orientation', 'grayscale', 'grayscale_ignore_orientation', 'unchanged']),
    'color',
  ),
  channelOrder: z._default(z.enum(['rgb', 'bgr']), 'rgb'),
  ignoreEmpty: z._default(z.boolean(), false),
});
export interface LoadImageFromFileOptions extends z.input<typeof loadImageOptions> {}

/**
 * Reads the file that `img_path` names and decodes it (needs the npm package `sharp`).
 *
 * To `inputs`: uint8 `(H, W, 3)` in red, green, blue; `(H, W, 1)` for `colorType: 'grayscale'`; the file's own channels, and int32 for
 * 16 bits, for `'unchanged'`. `channelOrder: 'bgr'` gives what OpenCV gives, and says so in `channel_order`. The EXIF orientation is applied, except for `'unchanged'` and
 * `..._ignore_orientation`. `toFloat32` (default false) makes float32 of it, values as they are. Sets `img_shape` and `ori_shape`, [height, width].
 *
 * A damaged file is `ENGINE_DATASET_BAD_SAMPLE`, in whose place a data loader takes another sample. `ignoreEmpty` (default false) gives null
 * for it, and for a file that is missing, without counting it.
 * @throws `ENGINE_VISION_NO_PATH`, `ENGINE_VISION_SHARP_MISSING`, `ENGINE_DATASET_BAD_SAMPLE`, and what the storage throws
 */
export class LoadImageFromFile implements Transform {
  static readonly entry = defineTransform<'LoadImageFromFile', typeof loadImageOptions, LoadImageFromFileOptions>({
    name: 'LoadImageFromFile',
    options: loadImageOptions,
    create: (options) => new LoadImageFromFile(options),
    module: '@engine/vision',
    doc: 'Reads and decodes the image at img_path.',
  });
  readonly #decode: DecodeOptions;
  readonly #toFloat32: boolean;
  readonly #ignoreEmpty: boolean;
  #storage: Pick<StorageBackend, 'get'> | undefined;

  /** `storage`: where files are (default: this machine, and web addresses). @throws `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `_VALUE` */
  constructor(
    options: LoadImageFromFileOptions = {},
    { storage }: { readonly storage?: Pick<StorageBackend, 'get'> | undefined } = {},
  ) {
    const parsed = parseOptions(loadImageOptions, options, { subject: 'LoadImageFromFile' }).value;
    const { colorType } = parsed;
    this.#decode = {
      color: colorType.startsWith('grayscale') ? 'grayscale' : colorType === 'unchanged' ? 'unchanged' : 'color',
      orient: colorType === 'color' || colorType === 'grayscale',
      order: parsed.channelOrder,
    };
    this.#toFloat32 = parsed.toFloat32;
    this.#ignoreEmpty = parsed.ignoreEmpty;
    this.#storage = storage;
  }

  async transform(sample: Record<string, unknown>): Promise<Record<string, unknown> | null> {
    const { img_path: path } = sample;
    if (typeof path !== 'string') throw noPath(sample);
    try {
      const image = await this.load(path);
      const [height, width] = image.shape as [number, number];
      const loaded = { ...sample, inputs: image, img_shape: [height, width], ori_shape: [height, width] };
      return this.#decode.order === 'bgr' ? { ...loaded, channel_order: 'bgr' } : loaded;
    } catch (error) {
      if (this.#ignoreEmpty && isAboutFile(error)) return null;
      throw error;
    }
  }

  /** The image of a file, as `inputs` would have it. */
  async load(path: string): Promise<HostArray> {
    this.#storage ??= (await import('@engine/fileio')).nodeStorage();
    const image = await decodeImage(await this.#storage.get(path), path, this.#decode);
    return this.#toFloat32 ? hostArray('float32', image.shape, Float32Array.from(image.data as Uint8Array)) : image;
  }
}

function isAboutFile(error: unknown): boolean {
  return error instanceof EngineError && (error.code === datasetErrors.BAD_SAMPLE.code || error.kind === 'file');
}

function noPath(sample: Record<string, unknown>): Error {
  const { img_path: path } = sample;
  const keys = Object.keys(sample).join(', ') || '(none)';
  return visionErrors.NO_PATH({
    subject: 'LoadImageFromFile',
    expected: 'a sample with the path of a file in img_path',
    received: path === undefined ? `keys ${keys}` : `img_path = ${isHostArray(path) ? 'a host array' : typeof path}`,
    action: 'let the records of the dataset have img_path, or map another key to it',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    LoadImageFromFile: typeof LoadImageFromFile;
  }
}
