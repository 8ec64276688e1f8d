import { isPlainObject, type SourceLocation } from '@engine/core';
import { type Registry, show } from '@engine/registry';
import { parseCfgOptions } from './cfg-options.js';
import { type JsonOptions, toJson, toYaml } from './dump.js';
import { configErrors } from './errors.js';
import { type HistoryEntry, historyOf, leafPaths } from './history.js';
import { type LoadOptions, loadText, loadTree } from './load.js';
import { expandDotted, mergeNodes } from './merge.js';
import type { ConfigReader } from './reader.js';
import { Declarations } from './structure.js';
import { type ConfigData, type MapNode, mapNode, nodeAt, rebuild, toData, toNode, withEntries } from './tree.js';

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

  private constructor(root: MapNode, files: readonly string[]) {
    this.#root = withoutMarkers(root);
    this.files = files;
  }

  /**
   * Loads a TypeScript, JavaScript, JSON or YAML file with everything that it extends.
   *
   * @throws `ENGINE_CONFIG_FILE_NOT_FOUND`, `_UNREADABLE`, `_UNKNOWN_FORMAT`, `_SYNTAX`, `_NOT_A_MAPPING`, `_MODULE_FAILED`, `_NO_DEFAULT_EXPORT`,
   * `_NO_MODULES`, `_BAD_BASE`, `_CIRCULAR_BASE`, `_DUPLICATE_KEY`, `_MERGE_TYPE`, `_MISSING_ENV`, `_UNKNOWN_BASE_KEY`, `_EMBEDDED_REFERENCE`
   */
  static async fromFile(file: string, options: LoadOptions): Promise<Config> {
    const { root, files } = await loadTree(file, options);
    return new Config(root, files);
  }

  /** As `fromFile`, for JSON or YAML text; `format` is `.json`, `.jsonc`, `.yaml` or `.yml`. Without a reader it cannot extend files. */
  static async fromString(
    text: string,
    format: string,
    options: Partial<LoadOptions> & { readonly file?: string } = {},
  ): Promise<Config> {
    const { file = `text${format}`, reader = isolated, registry } = options;
    const { root } = await loadText(text, format, { reader, registry, file });
    return new Config(root, []);
  }

  /** A config of a tree that another parser made; `files` are those that went in, bases first. */
  static fromTree(root: MapNode, files: readonly string[]): Config {
    return new Config(root, files);
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
    return new Config(asMap(data, file), file === undefined ? [] : [file]);
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
    return new Config(mergeNodes(this.#root, expandDotted(asMap(values, from)), rules), this.files);
  }

  /** A new config with the arguments of `--cfg-options` laid over this one. @throws `ENGINE_CONFIG_BAD_OPTION` and those of `mergeFromDict` */
  mergeCfgOptions(argv: readonly string[], options: Pick<MergeOptions, 'registry'> = {}): Config {
    return this.mergeFromDict(parseCfgOptions(argv), { ...options, from: '--cfg-options' });
  }

  toJson(options?: JsonOptions): string {
    return toJson(this.data, options);
  }

  toYaml(): string {
    return toYaml(this.data);
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

/** Drops the `_delete_` markers that had nothing to delete. */
function withoutMarkers(root: MapNode): MapNode {
  const clean = rebuild(root, (node) => {
    if (node.kind !== 'map' || !node.entries.has('_delete_')) return node;
    return withEntries(node, new Map([...node.entries].filter(([key]) => key !== '_delete_')));
  });
  return clean as MapNode;
}
