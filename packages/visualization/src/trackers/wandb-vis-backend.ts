import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { configText } from '../config-text.js';
import type { ScalarRow, VisBackend } from '../contract.js';
import { defineVisBackend } from '../define.js';
import { visualizationErrors } from '../errors.js';

const wandbVisBackendOptions = z.strictObject({
  /** Goes to the SDK's `init` as it is: `project`, `entity`, `name`, `id`, `resume`, ... */
  initKwargs: z._default(z.record(z.string(), z.unknown()), {}),
});
export interface WandbVisBackendOptions extends z.input<typeof wandbVisBackendOptions> {}

/** What of the package `@wandb/sdk` is used. */
export interface WandbSdk {
  init(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  log(row: Readonly<Record<string, number>>): void;
  finish(): Promise<unknown>;
}

/**
 * Logs numbers and the config to Weights & Biases through its package `@wandb/sdk`, which is loaded when the run begins to show something.
 * The SDK takes no pictures and counts steps by itself, so `step` goes along as a column.
 */
export class WandbVisBackend implements VisBackend {
  static readonly entry = defineVisBackend<'WandbVisBackend', typeof wandbVisBackendOptions, WandbVisBackendOptions>({
    name: 'WandbVisBackend',
    options: wandbVisBackendOptions,
    create: (options) => new WandbVisBackend(options),
    module: '@engine/visualization',
    doc: 'Logs a run to Weights & Biases.',
  });
  readonly #initKwargs: Readonly<Record<string, unknown>>;
  readonly #load: () => Promise<WandbSdk>;
  #experimentName = '';
  #sdk: Promise<WandbSdk> | undefined;

  /** `load` gives the SDK; default: the installed package. */
  constructor({
    load = () => loadSdk(),
    ...options
  }: WandbVisBackendOptions & { readonly load?: () => Promise<WandbSdk> } = {}) {
    this.#initKwargs = parseOptions(wandbVisBackendOptions, options, { subject: 'WandbVisBackend' }).value.initKwargs;
    this.#load = load;
  }

  init({ experimentName }: { readonly experimentName: string }): void {
    this.#experimentName = experimentName;
  }

  /** Begins the run with the config; the SDK takes it at the beginning only. @throws `ENGINE_VISUALIZATION_NO_WANDB` */
  async addConfig(config: unknown): Promise<void> {
    await this.#begin(typeof config === 'string' ? { config } : (JSON.parse(configText(config)) as object));
  }

  addScalar(name: string, value: number, step: number): Promise<void> {
    return this.addScalars({ [name]: value }, step);
  }

  /** @throws `ENGINE_VISUALIZATION_NO_WANDB` */
  async addScalars(row: ScalarRow, step: number): Promise<void> {
    const sdk = await this.#begin();
    const numbers = Object.entries(row).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    sdk.log({ ...Object.fromEntries(numbers), step });
  }

  /** Waits until everything is sent: without it the process does not end. */
  async close(): Promise<void> {
    const begun = this.#sdk;
    this.#sdk = undefined;
    await (await begun)?.finish();
  }

  #begin(config: object = {}): Promise<WandbSdk> {
    this.#sdk ??= this.#load().then(async (sdk) => {
      await sdk.init({ name: this.#experimentName, ...this.#initKwargs, config });
      return sdk;
    });
    return this.#sdk;
  }
}

const PACKAGE = '@wandb/sdk';

/** The SDK of an installed package. @throws `ENGINE_VISUALIZATION_NO_WANDB` */
export async function loadSdk(specifier = PACKAGE): Promise<WandbSdk> {
  try {
    const { default: sdk } = (await import(specifier)) as { readonly default: WandbSdk };
    return sdk;
  } catch (cause) {
    throw visualizationErrors.NO_WANDB({
      subject: 'WandbVisBackend',
      expected: `the package ${specifier}`,
      received: cause instanceof Error ? cause.message : String(cause),
      action: `install it with: npm i ${specifier}`,
      cause,
    });
  }
}

declare module '@engine/registry' {
  interface VisBackends {
    WandbVisBackend: typeof WandbVisBackend;
  }
}
