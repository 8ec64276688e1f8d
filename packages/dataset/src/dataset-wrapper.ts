import type { Dataset, DatasetMeta, Sample, SampleContext } from './contract.js';
import { copyPlain } from './copy-plain.js';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';
import { describeType, placeOf } from './subset.js';

/** What wrappers ask of datasets beyond the contract, where these have it. */
export interface DatasetExtras {
  getDataInfo?(index: number): Record<string, unknown>;
  getCatIds?(index: number): readonly number[];
}

interface Shared {
  readonly children: readonly unknown[];
  readonly own: unknown;
}

/** A dataset made of others. Their samples are theirs: it says only which one stands at an index. */
export abstract class DatasetWrapper implements Dataset {
  readonly datasets: readonly (Dataset & DatasetExtras)[];
  #loading: Promise<void> | undefined;
  #ready = false;

  /** @throws `ENGINE_DATASET_NOT_A_DATASET` */
  constructor(datasets: readonly Dataset[], { lazyInit = false }: { readonly lazyInit?: boolean | undefined }) {
    for (const [i, dataset] of datasets.entries()) checkDataset(dataset, `${this.constructor.name}: dataset ${i}`);
    this.datasets = [...datasets];
    if (!lazyInit) setTimeout(() => void this.fullInit().catch(() => undefined)); // init() reports what failed
  }

  /** A copy: what is done to it stays there. */
  get metainfo(): DatasetMeta {
    return copyPlain((this.datasets[0] as Dataset).metainfo);
  }

  /** True when any of the datasets is for evaluation. */
  get testMode(): boolean {
    return this.datasets.some(({ testMode }) => testMode === true);
  }

  abstract get length(): number;
  /** Which dataset, and where in it. `place` is in range. */
  protected abstract originOf(place: number): { readonly dataset: Dataset & DatasetExtras; readonly index: number };
  /** Called when all datasets are ready. */
  protected prepare(): void {}
  /** What `prepare` found out, for another thread. */
  protected sharedState(): unknown {
    return undefined;
  }
  /** In place of `prepare`. */
  protected adoptState(_state: unknown): void {}

  init(): Promise<void> {
    return this.fullInit();
  }

  /** Prepares the datasets, once; after a failure it may be called again. */
  fullInit(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    await Promise.all(this.datasets.map((dataset) => dataset.init()));
    if (this.#ready) return;
    this.prepare();
    this.#ready = true;
  }

  /** Prepares again, e.g. after `getSubset_` of a dataset inside. */
  async refresh(): Promise<void> {
    this.#loading = undefined;
    this.#ready = false;
    await this.fullInit();
  }

  get(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null> {
    this.checkReady();
    const place = placeOf(index < 0 ? Number.NaN : index, this.length, nameOf(this));
    const { dataset, index: local } = this.originOf(place);
    return dataset.get(local, ctx);
  }

  /** The record at `index` (negative: from the end) of the dataset it belongs to. @throws `ENGINE_DATASET_INDEX_RANGE`, `ENGINE_DATASET_NOT_IMPLEMENTED` */
  getDataInfo(index: number): Record<string, unknown> {
    return this.#ask('getDataInfo', index);
  }

  getCatIds(index: number): readonly number[] {
    return this.#ask('getCatIds', index);
  }

  #ask<K extends keyof DatasetExtras>(method: K, index: number): ReturnType<NonNullable<DatasetExtras[K]>> {
    this.checkReady();
    const { dataset, index: local } = this.originOf(placeOf(index, this.length, nameOf(this)));
    if (dataset[method] === undefined) {
      throw datasetErrors.NOT_IMPLEMENTED({
        subject: `${nameOf(dataset)}.${method}`,
        expected: `a dataset with ${method}(index)`,
        received: 'one without',
        action: `add ${method} to the dataset`,
      });
    }
    return dataset[method](local) as ReturnType<NonNullable<DatasetExtras[K]>>;
  }

  /** @throws `ENGINE_DATASET_NOT_IMPLEMENTED` always: take subsets of the datasets inside */
  getSubset(_indices: unknown): never {
    throw noSubset(this, 'getSubset');
  }

  /** @throws `ENGINE_DATASET_NOT_IMPLEMENTED` always */
  getSubset_(_indices: unknown): never {
    throw noSubset(this, 'getSubset_');
  }

  share(): unknown {
    return { children: this.datasets.map((dataset) => dataset.share?.()), own: this.sharedState() } satisfies Shared;
  }

  async adopt(shared: unknown): Promise<void> {
    const { children, own } = shared as Shared;
    this.#ready = true;
    const adoptions = this.datasets.map(async (dataset, i) => {
      await (children[i] === undefined || dataset.adopt === undefined ? dataset.init() : dataset.adopt(children[i]));
    });
    this.#loading = Promise.all(adoptions).then(() => this.adoptState(own));
    await this.#loading;
  }

  protected checkReady(): void {
    if (this.#ready) return;
    throw datasetErrors.NOT_READY({
      subject: nameOf(this),
      expected: 'a dataset whose init() has resolved',
      received: 'one that was not prepared',
      action: 'call `await dataset.init()` first; a data loader does that in its own init()',
    });
  }
}

function checkDataset(value: unknown, subject: string): void {
  const isDataset = typeof value === 'object' && value !== null && 'get' in value && 'init' in value;
  if (isDataset) return;
  throw datasetErrors.NOT_A_DATASET({
    subject,
    expected: 'a dataset, or in a config { type: MyDataset, ... }',
    received: describeType(value),
    action: 'pass an object with metainfo, init(), length and get(index, ctx)',
  });
}

function noSubset(dataset: object, method: string): Error {
  return datasetErrors.NOT_IMPLEMENTED({
    subject: `${nameOf(dataset)}.${method}`,
    expected: 'a subset of a dataset that is not made of others',
    received: `${method} of ${nameOf(dataset)}`,
    action: `call ${method} of the dataset inside, and wrap the result`,
  });
}
