import { isPlainObject, type SourceLocation } from '@engine/core/plain';
import { type Registry, show } from '@engine/registry';
import { parseCfgOptions } from './cfg-options.js';
import { type ConfigChange, diffMaps } from './diff.js';
import { type JsonOptions, toJson } from './dump.js';
import { dumpToml, dumpYaml } from './dump-lazily.js';
import { toTypeScript } from './dump-typescript.js';
import { configErrors } from './errors.js';
import { type HistoryEntry, historyOf, leafPaths } from './history.js';
import { type ConfigWarning, type LoadedTree, type LoadOptions, loadText, loadTree } from './load.js';
import { expandDotted, mergeNodes } from './merge.js';
import type { ConfigReader } from './reader.js';
import { Declarations } from './structure.js';
import { type ConfigData, type MapNode, mapNode, nodeAt, toData, toNode, withoutMarkers } from './tree.js';

export interface MergeOptions {
  /** Keys that are numbers address elements of lists; default true. */
  readonly allowListKeys?: boolean;
  /** Where the values come from, as messages name it; default `mergeFromDict`. */
  readonly from?: string;
  /** Tells the declared options of things configured by name; see {@link LoadOptions}. */
  readonly registry?: Registry | undefined;
}

/** A loaded config: plain data with keys as written, and the place in a file that each value came from. Never changes; merging gives a new one. */
export class Config {
  readonly #root: MapNode;
  #data: ConfigData | undefined;
  /** Every file that went in, bases first. */
  readonly files: readonly string[];

  /** What whoever uses the config should know: deprecated files among its bases, imports that failed and may. */
  readonly warnings: readonly ConfigWarning[];

  private constructor({ root, files, warnings = [] }: LoadedTree) {
    this.#root = withoutMarkers(root);
    this.files = files;
    this.warnings = warnings;
  }

  /**
   * Loads a TypeScript, JavaScript, JSON, YAML or TOML file with everything that it extends.
   *
   * @throws `ENGINE_CONFIG_FILE_NOT_FOUND`, `_UNREADABLE`, `_TOO_LARGE`, `_NOT_UTF8`, `_UNKNOWN_FORMAT`, `_SYNTAX`, `_TOO_DEEP`, `_NOT_A_MAPPING`,
   * `_MODULE_FAILED`, `_NO_DEFAULT_EXPORT`, `_NO_MODULES`, `_BAD_BASE`, `_BAD_PACKAGE_PATH`, `_PACKAGE_NOT_FOUND`, `_CIRCULAR_BASE`,
   * `_BAD_DEPRECATION`, `_DUPLICATE_KEY`, `_MERGE_TYPE`, `_MISSING_ENV`, `_UNKNOWN_BASE_KEY`, `_EMBEDDED_REFERENCE`
   */
  static async fromFile(file: string, options: LoadOptions): Promise<Config> {
    return new Config(await loadTree(file, options));
  }

  /** As `fromFile`, for JSON, YAML or TOML text; `format` is `.json`, `.jsonc`, `.yaml`, `.yml` or `.toml`. Without a reader it cannot extend files. */
  static async fromString(
    text: string,
    format: string,
    options: Partial<LoadOptions> & { readonly file?: string } = {},
  ): Promise<Config> {
    const { file = `text${format}`, reader = isolated, registry } = options;
    return new Config({ ...(await loadText(text, format, { reader, registry, file })), files: [] });
  }

  /** A config of a tree that another parser made. */
  static fromTree(tree: LoadedTree): Config {
    return new Config(tree);
  }

  /** A config of data that is at hand. @throws `ENGINE_CONFIG_NOT_A_MAPPING` */
  static fromData(data: unknown, file?: string): Config {
    if (!isPlainObject(data)) {
      throw configErrors.NOT_A_MAPPING({
        expected: 'an object with the keys of a config',
        received: show(data),
        action: 'pass an object',
      });
    }
    return new Config({ root: asMap(data, file), files: file === undefined ? [] : [file] });
  }

  /** The same config with more for its reader to know. */
  withWarnings(warnings: readonly ConfigWarning[]): Config {
    return new Config({ root: this.#root, files: this.files, warnings: [...this.warnings, ...warnings] });
  }

  /** The plain data; do not change it. Classes, entries and built objects of TypeScript configs are in it as they are. */
  get data(): ConfigData {
    this.#data ??= toData(this.#root) as ConfigData;
    return this.#data;
  }

  /** The value at a dotted path (`optimWrapper.optimizer.lr`, `customHooks.0`), as written; undefined when there is none. */
  get(path: string): unknown {
    const node = nodeAt(this.#root, path.split('.'));
    return node === undefined ? undefined : toData(node);
  }

  /** Where the value at a dotted path was written. */
  readonly locate = (path: string): SourceLocation | undefined => nodeAt(this.#root, path.split('.'))?.at;

  /**
   * How the value at a dotted path came about: what it is now, then what that overrode, newest first. Where the first of them is not
   * {@link get}'s value, `_delete_` removed it. Empty when no file ever set it.
   */
  history(path: string): HistoryEntry[] {
    return historyOf(this.#root, path.split('.'));
  }

  /** The dotted path of every single value, and of every empty list and object, in order. */
  get paths(): string[] {
    return leafPaths(this.#root);
  }

  /**
   * A new config with values laid over this one: `{ 'optimWrapper.optimizer.lr': 0.1, 'customHooks.0': {...} }`. Keys keep the spelling they have here.
   *
   * @throws `ENGINE_CONFIG_MERGE_TYPE`, `ENGINE_CONFIG_BAD_INDEX`
   */
  mergeFromDict(values: Readonly<Record<string, unknown>>, options: MergeOptions = {}): Config {
    const { allowListKeys = true, from = 'mergeFromDict', registry } = options;
    const rules = { declarations: Declarations.of(registry), listKeys: allowListKeys };
    const root = mergeNodes(this.#root, expandDotted(asMap(values, from)), rules);
    return new Config({ root, files: this.files, warnings: this.warnings });
  }

  /** A new config with the arguments of `--cfg-options` laid over this one. @throws `ENGINE_CONFIG_BAD_OPTION` and those of `mergeFromDict` */
  mergeCfgOptions(argv: readonly string[], options: Pick<MergeOptions, 'registry'> = {}): Config {
    return this.mergeFromDict(parseCfgOptions(argv), { ...options, from: '--cfg-options' });
  }

  toJson(options?: JsonOptions): string {
    return toJson(this.data, options);
  }

  toYaml(): Promise<string> {
    return dumpYaml(this.data);
  }

  /** @throws `ENGINE_CONFIG_NOT_IN_TOML` for a config that holds null */
  toToml(): Promise<string> {
    return dumpToml(this.data);
  }

  toTypeScript(): string {
    return toTypeScript(this.data);
  }

  /** Where two configs differ; the order of keys and their spelling count for nothing. */
  static diff(before: Config, after: Config, options: Pick<MergeOptions, 'registry'> = {}): ConfigChange[] {
    return diffMaps(before.#root, after.#root, Declarations.of(options.registry));
  }
}

const isolated: ConfigReader = {
  resolve: (path) => path,
  readText: () => Promise.resolve(undefined),
  env: () => undefined,
};

function asMap(data: Readonly<Record<string, unknown>>, file: string | undefined): MapNode {
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  const at = file === undefined ? undefined : { file };
  return mapNode(new Map(entries.map(([key, value]) => [key, toNode(value, { file })])), at);
}
