import type { StorageBackend } from '@engine/fileio';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { configText } from './config-text.js';
import type { ScalarRow, VisBackend } from './contract.js';
import { defineVisBackend } from './define.js';
import type { Image } from './draw/image.js';
import { encodePng } from './draw/png.js';
import { visualizationErrors } from './errors.js';
import { jsonLine } from './json-line.js';

const localVisBackendOptions = z.strictObject({
  /** Name of the file of scalars, ending in `.json`: one JSON object a line. */
  scalarSaveFile: z._default(z.string(), 'scalars.json'),
  /** Name of the file of the config, ending in `.json`. */
  configSaveFile: z._default(z.string(), 'config.json'),
  /** Name of the folder of images. */
  imgSaveDir: z._default(z.string(), 'vis_image'),
});
export interface LocalVisBackendOptions extends z.input<typeof localVisBackendOptions> {}

/** Writes the config, the scalars and the images of a run to files in `saveDir/vis_data`; rows are appended as they come. */
export class LocalVisBackend implements VisBackend {
  static readonly entry = defineVisBackend<'LocalVisBackend', typeof localVisBackendOptions, LocalVisBackendOptions>({
    name: 'LocalVisBackend',
    options: localVisBackendOptions,
    create: (options, ctx) => new LocalVisBackend({ ...options, storage: ctx.args.storage }),
    module: '@engine/visualization',
    doc: 'Writes the config, the scalars and the images of a run to files in its folder.',
  });
  readonly #storage: StorageBackend;
  readonly #options: z.output<typeof localVisBackendOptions>;
  #folder: string | undefined;
  /** Rows reach the file in the order of the calls, also when callers do not wait. */
  #last: Promise<void> = Promise.resolve();

  /** @throws `ENGINE_VISUALIZATION_BAD_FILE_NAME` */
  constructor({ storage, ...options }: LocalVisBackendOptions & { readonly storage: StorageBackend }) {
    this.#storage = storage;
    this.#options = parseOptions(localVisBackendOptions, options, { subject: 'LocalVisBackend' }).value;
    requireJsonName('scalarSaveFile', this.#options.scalarSaveFile);
    requireJsonName('configSaveFile', this.#options.configSaveFile);
  }

  async init({ saveDir }: { readonly saveDir: string }): Promise<void> {
    this.#folder = this.#storage.join(saveDir, 'vis_data');
    await this.#storage.makeDir(this.#folder);
  }

  async addConfig(config: unknown): Promise<void> {
    await this.#storage.putAtomic(
      this.#path(this.#options.configSaveFile),
      new TextEncoder().encode(configText(config)),
    );
  }

  addScalar(name: string, value: number, step: number): Promise<void> {
    return this.addScalars({ [name]: value }, step);
  }

  /** `step` is added unless the row has one. */
  addScalars(row: ScalarRow, step: number): Promise<void> {
    const path = this.#path(this.#options.scalarSaveFile);
    const line = jsonLine('step' in row ? row : { ...row, step });
    const written = this.#last.then(() => this.#storage.append(path, line));
    this.#last = written.catch(() => {}); // whoever added that row is told
    return written;
  }

  /**
   * Writes `vis_image/NAME_STEP.png`; a `/` in the name makes a folder.
   * @throws `ENGINE_VISUALIZATION_BAD_FILE_NAME`, `ENGINE_VISUALIZATION_BAD_IMAGE`
   */
  async addImage(name: string, image: Image, step: number): Promise<void> {
    const folder = this.#path(this.#options.imgSaveDir);
    const parts = name.split('/');
    if (name.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..')) {
      throw visualizationErrors.BAD_FILE_NAME({
        subject: 'LocalVisBackend.addImage',
        expected: 'a name of parts with / between them',
        received: `name = ${JSON.stringify(name)}`,
        action: 'rename the image',
      });
    }
    const png = await encodePng(image);
    await this.#storage.makeDir(this.#storage.join(folder, ...parts.slice(0, -1)));
    await this.#storage.put(this.#storage.join(folder, `${name}_${step}.png`), png);
  }

  async close(): Promise<void> {
    await this.#last;
  }

  #path(name: string): string {
    if (this.#folder !== undefined) return this.#storage.join(this.#folder, name);
    throw visualizationErrors.NOT_STARTED({
      subject: 'LocalVisBackend',
      expected: 'init({ saveDir }) before anything else',
      received: `a value for ${name}`,
      action: 'hand the backend to a Visualizer, or await init first',
    });
  }
}

function requireJsonName(option: string, name: string): void {
  if (/^[^/\\]+\.json$/.test(name)) return;
  throw visualizationErrors.BAD_FILE_NAME({
    subject: 'LocalVisBackend',
    expected: 'a file name without folders that ends in .json',
    received: `${option} = "${name}"`,
    action: 'rename it',
  });
}

declare module '@engine/registry' {
  interface VisBackends {
    LocalVisBackend: typeof LocalVisBackend;
  }
}
