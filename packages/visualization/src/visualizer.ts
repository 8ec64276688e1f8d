import { type Communicator, defineEntry, type Logger, singleProcess } from '@engine/core';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import type { ScalarRow, VisBackend, VisualizerLike } from './contract.js';
import type { Datasample } from './datasample.js';
import { drawDatasample } from './datasample.js';
import type {} from './define.js';
import { Drawing } from './draw/drawing.js';
import type { Image } from './draw/image.js';
import { LocalVisBackend } from './local-vis-backend.js';

const visualizerOptions = z.strictObject({
  name: z._default(z.string(), 'visualizer'),
  /** Default: a `LocalVisBackend`. */
  visBackends: z.optional(z.array(thing('visBackend'))),
  /** Default: the run's folder. */
  saveDir: z.optional(z.string()),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface VisualizerOptions extends Omit<z.input<typeof visualizerOptions>, 'visBackends'> {
  readonly visBackends?: readonly ConfigOf<'visBackend'>[] | undefined;
}

/** What a visualizer is made of. */
export interface VisualizerParts {
  /** Default `visualizer`. */
  readonly name?: string;
  readonly visBackends: readonly VisBackend[];
  /** The run's folder, told to the backends. */
  readonly saveDir: string;
  readonly experimentName?: string;
  /** Only rank 0 shows anything. Default: this process alone. */
  readonly communicator?: Communicator;
  /** Begins a drawing. */
  readonly image?: Image;
  /** Told when something is drawn outside the image. Default: silent. */
  readonly logger?: Logger;
}

/**
 * Draws, and hands what a run shows to all its backends, which begin at first use. One that fails keeps no other from its work; the
 * first failure is then thrown.
 */
export class Visualizer extends Drawing implements VisualizerLike {
  static readonly entry = defineEntry<'visualizer', 'Visualizer', typeof visualizerOptions, VisualizerOptions>(
    'visualizer',
    {
      name: 'Visualizer',
      options: visualizerOptions,
      create: ({ visBackends = [{ type: LocalVisBackend }], ...options }, { args, communicator, logger, build }) =>
        new Visualizer({
          name: options.name,
          visBackends: visBackends.map((config, i) =>
            build('visBackend', config, { key: `visBackends.${i}`, args: { storage: args.storage } }),
          ),
          saveDir: options.saveDir ?? args.saveDir,
          experimentName: args.experimentName,
          communicator,
          logger,
        }),
      module: '@engine/visualization',
      doc: 'Hands what a run shows to all its backends.',
    },
  );
  readonly name: string;
  /** Metainfo of the dataset that is shown, for those who draw. */
  datasetMeta: Readonly<Record<string, unknown>> | undefined;
  readonly #backends: readonly VisBackend[];
  readonly #where: { readonly saveDir: string; readonly experimentName: string };
  #started: Promise<void> | undefined;

  constructor({
    name = 'visualizer',
    visBackends,
    saveDir,
    experimentName = name,
    communicator = singleProcess,
    ...drawing
  }: VisualizerParts) {
    super(drawing);
    this.name = name;
    this.#backends = communicator.rank === 0 ? visBackends : [];
    this.#where = { saveDir, experimentName };
  }

  addConfig(config: unknown): Promise<void> {
    return this.#each((backend) => backend.addConfig?.(config));
  }

  addScalar(name: string, value: number, step: number): Promise<void> {
    return this.#each((backend) => backend.addScalar(name, value, step));
  }

  addScalars(row: ScalarRow, step: number): Promise<void> {
    return this.#each((backend) => backend.addScalars(row, step));
  }

  addImage(name: string, image: Image, step = 0): Promise<void> {
    return this.#each((backend) => backend.addImage?.(name, image, step));
  }

  addGraph(graph: unknown): Promise<void> {
    return this.#each((backend) => backend.addGraph?.(graph));
  }

  /**
   * Shows a sample: its ground truth, its prediction, or the two side by side, drawn on a copy of `image`. A subclass may draw what
   * its samples hold in a way of its own.
   */
  async addDatasample(name: string, image: Image, datasample: Datasample): Promise<void> {
    if (this.#backends.length === 0) return;
    await this.addImage(name, drawDatasample(image, datasample, this.datasetMeta), datasample.step);
  }

  addHistogram(name: string, values: Float32Array, step: number): Promise<void> {
    return this.#each((backend) => backend.addHistogram?.(name, values, step));
  }

  /** Ends the backends that have begun. */
  async close(): Promise<void> {
    if (this.#started === undefined) return;
    await this.#each((backend) => backend.close());
  }

  async #each(work: (backend: VisBackend) => void | Promise<void>): Promise<void> {
    this.#started ??= settleAll(this.#backends, (backend) => backend.init?.(this.#where));
    await this.#started;
    await settleAll(this.#backends, work);
  }
}

async function settleAll(
  backends: readonly VisBackend[],
  work: (backend: VisBackend) => void | Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(backends.map(async (backend) => work(backend)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

declare module '@engine/registry' {
  interface Visualizers {
    Visualizer: typeof Visualizer;
  }
}
