import { isPlainObject, type Logger, silentLogger } from '@engine/core/plain';
import { type ReadableStorage, readAnnotationFile } from './annotation-file.js';
import { Compose } from './compose.js';
import type { Dataset, DatasetMeta, Sample, SampleContext, Transform } from './contract.js';
import { copyPlain } from './copy-plain.js';
import { joinPath } from './data-path.js';
import { datasetErrors } from './errors.js';
import { givenMetainfo, mergeMetainfo, readMetainfoFiles } from './metainfo.js';
import { nameOf } from './naming.js';
import { SampleStore, type SharedSamples } from './sample-store.js';
import { describeType, placeOf, type SubsetIndices, subsetPlaces } from './subset.js';

/** One record of annotations: plain data, keys as the annotation file has them. */
export type DataInfo = Record<string, unknown>;

/** What a {@link BaseDataset} is made of. */
export interface BaseDatasetInit {
  /** Annotation file, JSON or YAML; below `dataRoot` unless absolute. Default: empty, for subclasses that load otherwise. */
  readonly annFile?: string | undefined;
  /** Facts that win over the class's and the file's. A string that names a text file becomes its lines. */
  readonly metainfo?: DatasetMeta | undefined;
  /** Folder or URI that relative paths start from. Default: none. */
  readonly dataRoot?: string | undefined;
  /** For each key of a record that holds a path: the folder it starts from, below `dataRoot`. Default `{ img_path: '' }`. */
  readonly dataPrefix?: Readonly<Record<string, string>> | undefined;
  /** For `filterData` of subclasses. */
  readonly filterCfg?: Readonly<Record<string, unknown>> | undefined;
  /** Keep only some samples. Default: all. */
  readonly indices?: SubsetIndices | undefined;
  /** Keep records as bytes in shared memory, so that workers do not copy them (default true). */
  readonly serializeData?: boolean | undefined;
  readonly pipeline?: readonly Transform[] | undefined;
  /** For evaluation: no sample stands in for one that is null (default false). */
  readonly testMode?: boolean | undefined;
  /** Read nothing before `init()`. Default false: reading starts as soon as the dataset is made. */
  readonly lazyInit?: boolean | undefined;
  /** How many other samples a data loader may try for one that is null. Default: the loader's. */
  readonly maxRefetch?: number | undefined;
  /** Default: the local file system. */
  readonly storage?: ReadableStorage | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

interface Shared {
  readonly metainfo: DatasetMeta;
  readonly samples: SharedSamples | readonly DataInfo[];
}

/**
 * A dataset of annotation records and a pipeline. Subclasses override `loadDataList`, `parseDataInfo`, `filterData`, `getCatIds`.
 *
 * Records are kept as bytes in shared memory: each read gives a new object, and threads read the same bytes. Reading an annotation
 * file takes `init()`; until then samples and length are `ENGINE_DATASET_NOT_READY`. `metainfo` is what was given, over the class's
 * `METAINFO`, over what the annotation file says (from `init()` on). Subclasses with #private fields override `copy()`.
 *
 * @throws `ENGINE_DATASET_BAD_METAINFO`, `ENGINE_DATASET_BAD_PREFIX` when made
 */
export class BaseDataset implements Dataset {
  /** Facts about every dataset of the class; a subclass's replace its parent's. */
  static readonly METAINFO: DatasetMeta = {};
  readonly annFile: string;
  readonly dataRoot: string;
  readonly dataPrefix: Readonly<Record<string, string>>;
  readonly filterCfg: Readonly<Record<string, unknown>>;
  readonly testMode: boolean;
  readonly maxRefetch: number | undefined;
  readonly pipeline: Compose;
  protected readonly logger: Logger;
  private readonly given: Record<string, unknown>;
  private readonly own: DatasetMeta;
  private readonly indices: SubsetIndices | undefined;
  private readonly serializeData: boolean;
  private readonly storageGiven: ReadableStorage | undefined;
  private meta: Record<string, unknown>;
  private store: SampleStore<DataInfo> | undefined;
  private loading: Promise<void> | undefined;

  constructor(init: BaseDatasetInit = {}) {
    const { dataRoot = '', annFile = '', lazyInit = false, serializeData = true, testMode = false } = init;
    const type = this.constructor as typeof BaseDataset;
    this.given = givenMetainfo(init.metainfo, nameOf(this));
    this.own = copyPlain(type.METAINFO);
    this.meta = mergeMetainfo(this.given, this.own);
    this.dataRoot = dataRoot;
    this.annFile = annFile === '' ? '' : joinPath(dataRoot, annFile);
    this.dataPrefix = prefixesBelow(dataRoot, init.dataPrefix ?? { img_path: '' }, nameOf(this));
    this.filterCfg = copyPlain(init.filterCfg ?? {});
    this.indices = copyPlain(init.indices);
    this.serializeData = serializeData;
    this.testMode = testMode;
    this.maxRefetch = init.maxRefetch;
    this.pipeline = new Compose(init.pipeline ?? []);
    this.storageGiven = init.storage;
    this.logger = init.logger ?? silentLogger;
    if (!lazyInit) setTimeout(() => void this.fullInit().catch(() => undefined)); // init() reports what failed
  }

  /** A copy: what is done to it stays there. */
  get metainfo(): DatasetMeta {
    return copyPlain(this.meta);
  }

  /** True once the records are there. */
  get isFullyInitialized(): boolean {
    return this.store !== undefined;
  }

  get length(): number {
    return this.ready().length;
  }

  /** The bytes of the records, in shared memory; undefined with `serializeData: false`. */
  get shared(): SharedSamples | undefined {
    return this.ready().shared;
  }

  init(): Promise<void> {
    return this.fullInit();
  }

  /**
   * Loads, filters, takes the subset and serialises, once; after a failure it may be called again.
   * @throws `ENGINE_DATASET_ANN_FORMAT`, `_ANN_KEYS`, `_MISSING_KEY`, `_BAD_DATA_INFO`, `_BAD_INDICES`, `_INDEX_RANGE`, `_NOT_SERIALIZABLE`
   */
  fullInit(): Promise<void> {
    this.loading ??= this.load().catch((error: unknown) => {
      this.loading = undefined;
      throw error;
    });
    return this.loading;
  }

  private async load(): Promise<void> {
    const storage = await this.storage();
    const read = await readMetainfoFiles(this.given, storage, (text) => this.logger.warn(`${nameOf(this)}: ${text}`));
    this.meta = mergeMetainfo(read, this.own);
    const all = await this.filterData(await this.loadDataList(storage));
    const kept =
      this.indices === undefined ? all : subsetPlaces(this.indices, all.length, nameOf(this)).map((i) => all[i]);
    if (this.store !== undefined) return; // a worker took over what another thread loaded
    this.store = SampleStore.of(kept as DataInfo[], { serialized: this.serializeData });
  }

  /** Reads the annotation file, and parses each of its records. Override for other formats. */
  async loadDataList(storage: ReadableStorage): Promise<DataInfo[]> {
    const { metainfo, data_list } = await readAnnotationFile(storage, this.annFile);
    this.addMetainfo(metainfo);
    return data_list.flatMap((raw, i) => this.parsed(raw, i));
  }

  /** Facts found while loading, for `loadDataList` of subclasses: they fill what was not given. */
  protected addMetainfo(found: DatasetMeta): void {
    this.meta = mergeMetainfo(this.meta, found);
  }

  private parsed(raw: unknown, i: number): DataInfo[] {
    if (!isPlainObject(raw)) throw this.badInfo(`data_list[${i}]`, raw, 'make each item of data_list an object');
    const infos = this.parseDataInfo(raw);
    for (const info of Array.isArray(infos) ? infos : [infos]) {
      if (!isPlainObject(info))
        throw this.badInfo(`data_list[${i}]`, info, 'return an object or a list of objects from parseDataInfo()');
    }
    return Array.isArray(infos) ? infos : [infos];
  }

  /** One record of the file to one sample's record, or several (frames of a video). Joins the paths that `dataPrefix` names. */
  parseDataInfo(raw: DataInfo): DataInfo | DataInfo[] {
    for (const [key, prefix] of Object.entries(this.dataPrefix)) {
      if (typeof raw[key] === 'string') raw[key] = joinPath(prefix, raw[key]);
      else {
        throw datasetErrors.MISSING_KEY({
          subject: `${nameOf(this)}: a record of ${this.annFile}`,
          expected: `a path in ${key}, since dataPrefix has ${key}`,
          received: Object.hasOwn(raw, key)
            ? `${key} = ${describeType(raw[key])}`
            : `keys ${Object.keys(raw).join(', ') || '(none)'}`,
          action: `add ${key} to each record, or name the key of the paths in dataPrefix`,
        });
      }
    }
    return raw;
  }

  /** The records to keep, by `filterCfg`; by default all. */
  filterData(dataList: DataInfo[]): DataInfo[] | Promise<DataInfo[]> {
    return dataList;
  }

  /** A copy of the record at `index` (negative: from the end), with `sampleIdx`. @throws `ENGINE_DATASET_INDEX_RANGE` */
  getDataInfo(index: number): DataInfo {
    const store = this.ready();
    const place = placeOf(index, store.length, nameOf(this));
    return { ...store.read(place), sampleIdx: place };
  }

  /** Categories of the objects in a sample. @throws `ENGINE_DATASET_NOT_IMPLEMENTED` unless overridden */
  getCatIds(index: number): readonly number[] {
    throw datasetErrors.NOT_IMPLEMENTED({
      subject: `${nameOf(this)}.getCatIds`,
      expected: 'a dataset that tells the categories of a sample',
      received: `getCatIds(${index})`,
      action: 'override getCatIds(index) in the dataset; ClassBalancedDataset needs it',
    });
  }

  get(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null> {
    if (index < 0) placeOf(Number.NaN, this.length, `${nameOf(this)}[${index}]`);
    return this.prepareData(index, ctx);
  }

  /** The record at `index` through the pipeline. */
  prepareData(index: number, ctx: SampleContext): Sample | null | Promise<Sample | null> {
    return this.pipeline.transform(this.getDataInfo(index), ctx) as Sample | null | Promise<Sample | null>;
  }

  /** A new dataset with these samples; this one stays as it is. */
  getSubset(indices: SubsetIndices): this {
    const other = this.copy();
    other.getSubset_(indices);
    return other;
  }

  /** Keeps these samples only. */
  getSubset_(indices: SubsetIndices): void {
    const store = this.ready();
    this.store = store.pick(subsetPlaces(indices, store.length, nameOf(this)));
  }

  /** A dataset like this one. */
  protected copy(): this {
    const other = Object.assign(Object.create(Object.getPrototypeOf(this) as object) as this, this);
    other.meta = copyPlain(this.meta);
    return other;
  }

  share(): unknown {
    const store = this.ready();
    const samples = store.shared ?? Array.from({ length: store.length }, (_, i) => store.read(i));
    return { metainfo: this.meta, samples } satisfies Shared;
  }

  adopt(shared: unknown): void {
    const { metainfo, samples } = shared as Shared;
    this.meta = { ...metainfo };
    this.store = 'bytes' in samples ? SampleStore.on(samples) : SampleStore.of(samples, { serialized: false });
    this.loading = Promise.resolve();
  }

  private async storage(): Promise<ReadableStorage> {
    if (this.storageGiven !== undefined) return this.storageGiven;
    const { nodeStorage } = await import('@engine/fileio');
    return nodeStorage();
  }

  private ready(): SampleStore<DataInfo> {
    if (this.store !== undefined) return this.store;
    throw datasetErrors.NOT_READY({
      subject: nameOf(this),
      expected: 'a dataset whose init() has resolved',
      received: 'one whose annotations were not read',
      action: 'call `await dataset.init()` first; a data loader does that in its own init()',
    });
  }

  private badInfo(subject: string, value: unknown, action: string): Error {
    return datasetErrors.BAD_DATA_INFO({
      subject: `${nameOf(this)}: ${subject}`,
      expected: 'an object',
      received: describeType(value),
      action,
    });
  }
}

function prefixesBelow(
  root: string,
  prefixes: Readonly<Record<string, string>>,
  subject: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(prefixes).map(([key, prefix]) => {
      if (typeof prefix === 'string') return [key, joinPath(root, prefix)];
      throw datasetErrors.BAD_PREFIX({
        subject: `${subject}: dataPrefix.${key}`,
        expected: 'a string',
        received: describeType(prefix),
        action: "give the folder that the paths start from: dataPrefix: { img_path: 'train' }",
      });
    }),
  );
}
