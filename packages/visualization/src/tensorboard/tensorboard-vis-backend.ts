import type { StorageBackend } from '@engine/fileio';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { configText } from '../config-text.js';
import type { ScalarRow, VisBackend } from '../contract.js';
import { defineVisBackend } from '../define.js';
import { checkImage, type Image } from '../draw/image.js';
import { encodePng } from '../draw/png.js';
import { visualizationErrors } from '../errors.js';
import * as events from './events.js';
import { histogramOf } from './histogram.js';
import { readSteps, type StepsByName } from './read-steps.js';

const tensorboardVisBackendOptions = z.strictObject({
  /** Folder of the event files. Default: `vis_data` in the run's folder. Runs that share one are shown as one. */
  logDir: z.optional(z.string()),
});
export interface TensorboardVisBackendOptions extends z.input<typeof tensorboardVisBackendOptions> {}

/**
 * Writes TensorBoard's event files: numbers as scalars, pictures as PNG, the config as text. Values that are no numbers are left out.
 * A run that goes on in the folder of an earlier one begins a file of its own, which tells readers to forget what the earlier ones say
 * after its first step; what they say at that step it does not say again. So no step is shown twice, and none is lost.
 */
export class TensorboardVisBackend implements VisBackend {
  static readonly entry = defineVisBackend<
    'TensorboardVisBackend',
    typeof tensorboardVisBackendOptions,
    TensorboardVisBackendOptions
  >({
    name: 'TensorboardVisBackend',
    options: tensorboardVisBackendOptions,
    create: (options, ctx) => new TensorboardVisBackend({ ...options, storage: ctx.args.storage }),
    module: '@engine/visualization',
    doc: 'Writes event files that TensorBoard shows.',
  });
  readonly #storage: StorageBackend;
  readonly #logDir: string | undefined;
  readonly #now: () => number;
  #file: string | undefined;
  /** What earlier files in the folder say; undefined where there are none. */
  #before: StepsByName | undefined;
  #firstStep: number | undefined;
  #restarted = false;
  /** Events reach the file in the order of the calls, also when callers do not wait. */
  #last: Promise<void> = Promise.resolve();

  /** `now` gives milliseconds since 1970. */
  constructor({
    storage,
    now = Date.now,
    ...options
  }: TensorboardVisBackendOptions & { readonly storage: StorageBackend; readonly now?: () => number }) {
    this.#storage = storage;
    this.#now = now;
    this.#logDir = parseOptions(tensorboardVisBackendOptions, options, {
      subject: 'TensorboardVisBackend',
    }).value.logDir;
  }

  /** Begins a new file; readers take files in the order of their names, so the name begins with the time. */
  async init({ saveDir }: { readonly saveDir: string }): Promise<void> {
    const folder = this.#logDir ?? this.#storage.join(saveDir, 'vis_data');
    const before = (await this.#storage.list(folder)).filter((name) => name.includes('.tfevents.'));
    const seconds = String(Math.floor(this.#now() / 1000)).padStart(10, '0');
    const number = String(before.length).padStart(5, '0');
    if (before.length > 0) this.#before = await this.#readSteps(before.map((name) => this.#storage.join(folder, name)));
    this.#file = this.#storage.join(folder, `events.out.tfevents.${seconds}.engine.${number}`);
    await this.#add(events.fileVersion(this.#at(0)));
  }

  addConfig(config: unknown): Promise<void> {
    return this.#add(events.text(this.#at(0), 'config/text_summary', indented(configText(config))));
  }

  addScalar(name: string, value: number, step: number): Promise<void> {
    return this.addScalars({ [name]: value }, step);
  }

  addScalars(row: ScalarRow, step: number): Promise<void> {
    const numbers = Object.entries(row).filter(
      (entry): entry is [string, number] =>
        entry[0] !== 'step' && typeof entry[1] === 'number' && !this.#isThere(entry[0], step),
    );
    if (numbers.length === 0) return Promise.resolve();
    return this.#add(events.scalars(this.#at(step), new Map(numbers)), step);
  }

  /** @throws `ENGINE_VISUALIZATION_BAD_IMAGE` */
  async addImage(name: string, image: Image, step: number): Promise<void> {
    const [height, width, channels] = checkImage(image);
    const png = await encodePng(image);
    if (this.#isThere(name, step)) return;
    await this.#add(events.image(this.#at(step), name, { height, width, channels, png }), step);
  }

  /** How often each value occurs, in thirty buckets; values that are not finite are left out. */
  async addHistogram(name: string, values: ArrayLike<number>, step: number): Promise<void> {
    const counted = histogramOf(values);
    if (counted !== undefined && !this.#isThere(name, step))
      await this.#add(events.histogram(this.#at(step), name, counted), step);
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #readSteps(files: readonly string[]): Promise<StepsByName> {
    const steps: StepsByName = new Map();
    for (const file of files) readSteps(await this.#storage.get(file), steps);
    return steps;
  }

  /** Whether an earlier file says this already: asked at the step with which this run begins. */
  #isThere(name: string, step: number): boolean {
    this.#firstStep ??= step;
    return step === this.#firstStep && (this.#before?.get(name)?.has(step) ?? false);
  }

  /** `step`: of what is shown over steps. */
  #add(event: Uint8Array, step?: number): Promise<void> {
    const file = this.#file;
    if (file === undefined) throw notStarted();
    const restarts = this.#before !== undefined && step !== undefined && !this.#restarted;
    if (restarts) this.#restarted = true;
    const restart = restarts ? [events.sessionStart(this.#at((this.#firstStep ?? step) + 1))] : [];
    const records = [...restart, event].map((each) => events.record(each));
    const written = this.#last.then(async () => {
      for (const record of records) await this.#storage.append(file, record);
    });
    this.#last = written.catch(() => {}); // whoever added that event is told
    return written;
  }

  #at(step: number): events.When {
    return { wallTime: this.#now() / 1000, step };
  }
}

/** As Markdown that keeps its lines. */
const indented = (content: string): string => content.replaceAll(/^/gm, '    ');

const notStarted = () =>
  visualizationErrors.NOT_STARTED({
    subject: 'TensorboardVisBackend',
    expected: 'init({ saveDir }) before anything else',
    received: 'an event',
    action: 'hand the backend to a Visualizer, or await init first',
  });

declare module '@engine/registry' {
  interface VisBackends {
    TensorboardVisBackend: typeof TensorboardVisBackend;
  }
}
