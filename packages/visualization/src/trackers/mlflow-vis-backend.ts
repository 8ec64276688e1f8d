import type { StorageBackend } from '@engine/fileio';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { configText } from '../config-text.js';
import type { ScalarRow, VisBackend } from '../contract.js';
import { defineVisBackend } from '../define.js';
import type { Image } from '../draw/image.js';
import { encodePng } from '../draw/png.js';
import { visualizationErrors } from '../errors.js';
import { flatParams } from './flat-params.js';
import { MlflowClient, type MlflowMetric, type MlflowRun } from './mlflow-client.js';
import type { Fetch } from './send.js';

const texts = z.record(z.string(), z.string());
const mlflowVisBackendOptions = z.strictObject({
  /** Address of the server. */
  trackingUri: z._default(z.string(), 'http://127.0.0.1:5000'),
  /** Name of the experiment, which is made where there is none. */
  expName: z._default(z.string(), 'Default'),
  /** Default: the run's experiment name. */
  runName: z.optional(z.string()),
  tags: z._default(texts, {}),
  /** Parameters beside those of the config. */
  params: z._default(texts, {}),
  /** Keys of the config that become parameters, with what is below them. Default: all. */
  trackedConfigKeys: z.optional(z.array(z.string())),
  /** Where an experiment that is made keeps its files. Default: where the server keeps them. */
  artifactLocation: z.optional(z.string()),
  /** Go on with the newest run of this work dir, and log only steps that it does not have. For runs that are resumed. */
  continueRun: z._default(z.boolean(), false),
});
export interface MLflowVisBackendOptions extends z.input<typeof mlflowVisBackendOptions> {}

export interface MLflowVisBackendParts extends MLflowVisBackendOptions {
  readonly storage: StorageBackend;
  /** Default: the global `fetch`. One's own may add credentials. */
  readonly fetch?: Fetch;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** By which a resumed run finds the run that it goes on with. */
const FOLDER_TAG = 'engine.workDir';

/**
 * Logs a run to an MLflow server over its REST API: numbers as metrics, the config as parameters and as `config.json`, pictures as
 * `NAME_STEP.png`. Metrics are sent in the background, as many at once as have gathered; what the server refuses is thrown by the next call.
 */
export class MLflowVisBackend implements VisBackend {
  static readonly entry = defineVisBackend<'MLflowVisBackend', typeof mlflowVisBackendOptions, MLflowVisBackendOptions>(
    {
      name: 'MLflowVisBackend',
      options: mlflowVisBackendOptions,
      create: (options, ctx) => new MLflowVisBackend({ ...options, storage: ctx.args.storage }),
      module: '@engine/visualization',
      doc: 'Logs a run to an MLflow server.',
    },
  );
  readonly #options: z.output<typeof mlflowVisBackendOptions>;
  readonly #storage: StorageBackend;
  readonly #client: MlflowClient;
  readonly #now: () => number;
  #started: MlflowRun | undefined;
  #waiting: MlflowMetric[] = [];
  #sending: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor({ storage, fetch = globalThis.fetch, now = Date.now, ...options }: MLflowVisBackendParts) {
    this.#options = parseOptions(mlflowVisBackendOptions, options, { subject: 'MLflowVisBackend' }).value;
    this.#storage = storage;
    this.#client = new MlflowClient(this.#options.trackingUri, fetch);
    this.#now = now;
  }

  /** The id of the run on the server, once it has begun. */
  get runId(): string | undefined {
    return this.#started?.id;
  }

  async init({
    saveDir,
    experimentName,
  }: {
    readonly saveDir: string;
    readonly experimentName: string;
  }): Promise<void> {
    const { expName, runName = experimentName, tags, params, artifactLocation, continueRun } = this.#options;
    const experiment = await this.#client.experiment(expName, artifactLocation);
    const folder = this.#storage.resolve(this.#storage.join(saveDir, '..'));
    const before = continueRun ? await this.#client.findRun(experiment, FOLDER_TAG, folder) : undefined;
    if (before !== undefined) await this.#client.update(before, 'RUNNING');
    const all = { ...tags, [FOLDER_TAG]: folder };
    this.#started =
      before ?? (await this.#client.createRun(experiment, { name: runName, tags: all, time: this.#now() }));
    await this.#addParams(new Map(Object.entries(params)));
  }

  async addConfig(config: unknown): Promise<void> {
    await this.#addParams(flatParams(config, this.#options.trackedConfigKeys));
    await this.#client.putArtifact(this.#run, 'config.json', new TextEncoder().encode(configText(config)));
  }

  addScalar(name: string, value: number, step: number): void {
    this.addScalars({ [name]: value }, step);
  }

  addScalars(row: ScalarRow, step: number): void {
    const { steps } = this.#run;
    this.#throwFailure();
    const timestamp = Math.floor(this.#now());
    for (const [name, value] of Object.entries(row)) {
      const key = name.replaceAll(/[^\w\-. /]/g, '_');
      const isNew = step > (steps.get(key) ?? Number.NEGATIVE_INFINITY);
      if (typeof value === 'number' && name !== 'step' && isNew) this.#waiting.push({ key, value, timestamp, step });
    }
    this.#sending ??= this.#sendAll();
  }

  /** @throws `ENGINE_VISUALIZATION_BAD_IMAGE`, `ENGINE_VISUALIZATION_TRACKER_REFUSED` */
  async addImage(name: string, image: Image, step: number): Promise<void> {
    await this.#client.putArtifact(this.#run, `${name}_${step}.png`, await encodePng(image));
  }

  /** Waits until everything is sent, and ends the run on the server. */
  async close(): Promise<void> {
    await this.#sending;
    this.#throwFailure();
    if (this.#started !== undefined) await this.#client.update(this.#started, 'FINISHED', Math.floor(this.#now()));
  }

  get #run(): MlflowRun {
    if (this.#started !== undefined) return this.#started;
    throw visualizationErrors.NOT_STARTED({
      subject: 'MLflowVisBackend',
      expected: 'init({ saveDir, experimentName }) before anything else',
      received: 'no run on the server',
      action: 'hand the backend to a Visualizer, or await init first',
    });
  }

  async #addParams(params: ReadonlyMap<string, string>): Promise<void> {
    const run = this.#run;
    await this.#client.log(run, { params: [...params].filter(([key]) => !run.params.has(key)) });
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve(); // the rows of this turn go together
    try {
      while (this.#waiting.length > 0) await this.#client.log(this.#run, { metrics: this.#waiting.splice(0) });
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#sending = undefined;
    }
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}

declare module '@engine/registry' {
  interface VisBackends {
    MLflowVisBackend: typeof MLflowVisBackend;
  }
}
