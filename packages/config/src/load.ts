import { EngineError } from '@engine/core';
import { type Registry, show } from '@engine/registry';
import { configErrors } from './errors.js';
import { joinBases, mergeNodes } from './merge.js';
import { type ParsedText, parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import type { ConfigReader } from './reader.js';
import { Declarations } from './structure.js';
import { type MapNode, mapNode, type Node, toNode } from './tree.js';
import {
  resolveBaseReferences,
  substituteEnvironment,
  substituteFileVariables,
  tokenizeBaseReferences,
} from './variables.js';

export interface LoadOptions {
  readonly reader: ConfigReader;
  /** Tells the declared options of things configured by name, for files that extend each other in different spellings. */
  readonly registry?: Registry | undefined;
  /** Loaders for further extensions. */
  readonly formats?: readonly ConfigFormat[];
}

/** A loader for files that this package does not read itself. */
export interface ConfigFormat {
  /** With the dot: `['.py']`. */
  readonly extensions: readonly string[];
  /**
   * Loads a file with everything that it extends.
   *
   * @param chain the files that led to this one through their bases, outermost first; the file itself is not among them
   */
  load(file: string, options: LoadOptions, chain: readonly string[]): Promise<LoadedTree>;
}

/** A config with all its bases merged in. */
export interface LoadedTree {
  readonly root: MapNode;
  /** Every file that went in, bases first. */
  readonly files: readonly string[];
}

type TextParser = (text: string, file: string) => ParsedText;

const textFormats: ReadonlyMap<string, TextParser> = new Map([
  ['.json', parseJson],
  ['.jsonc', parseJson],
  ['.yaml', parseYaml],
  ['.yml', parseYaml],
]);
const moduleFormats: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/** Loads a file and what it extends. */
export async function loadTree(file: string, options: LoadOptions): Promise<LoadedTree> {
  return new Loader(options).file(options.reader.resolve(file), []);
}

/** As {@link loadTree}, for text that is at hand; `file` is what it is called in messages and where relative bases start. */
export async function loadText(
  text: string,
  format: string,
  options: LoadOptions & { readonly file: string },
): Promise<LoadedTree> {
  const parse = textFormats.get(format);
  if (parse === undefined) throw unknownFormat(options.file, format);
  return new Loader(options).text(text, parse, { file: options.file, chain: [] });
}

/** A file that is being loaded, and the files that asked for it. */
interface Here {
  readonly file: string;
  readonly chain: readonly string[];
}

class Loader {
  readonly #options: LoadOptions;
  readonly #reader: ConfigReader;
  readonly #declarations: Declarations;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#reader = options.reader;
    this.#declarations = Declarations.of(options.registry);
  }

  async file(file: string, chain: readonly string[]): Promise<LoadedTree> {
    if (chain.includes(file)) throw circular([...chain, file]);
    const extension = /\.[^./\\]*$/.exec(file)?.[0] ?? '';
    const parse = textFormats.get(extension);
    if (parse !== undefined) return this.text(await this.#read(file, chain), parse, { file, chain });
    const format = this.#options.formats?.find((each) => each.extensions.includes(extension));
    if (format !== undefined) return format.load(file, this.#options, chain);
    if (!moduleFormats.has(extension)) throw unknownFormat(file, extension);
    return this.#extend(toNode(await this.#module(file, chain), { file }), { file, chain });
  }

  async text(original: string, parse: TextParser, here: Here): Promise<LoadedTree> {
    const { file } = here;
    const filled = substituteEnvironment(
      substituteFileVariables(original, file),
      (name) => this.#reader.env(name),
      file,
    );
    const { text, references } = tokenizeBaseReferences(filled);
    const { data, positions } = parse(text, file);
    return this.#extend(toNode(data, { file, positions }), here, references);
  }

  async #extend(
    node: Node,
    { file, chain }: Here,
    references: ReadonlyMap<string, string> = new Map(),
  ): Promise<LoadedTree> {
    if (node.kind !== 'map') throw notAMapping(node, file);
    const loaded: LoadedTree[] = [];
    for (const base of basesOf(node, file))
      loaded.push(await this.file(this.#reader.resolve(base, file), [...chain, file]));
    const base = joinBases(
      loaded.map((each) => each.root),
      this.#declarations,
    );
    const resolved = resolveBaseReferences(node, references, base);
    const own = mapNode(
      new Map(resolved.kind === 'map' ? [...resolved.entries].filter(([key]) => key !== '_base_') : []),
      node.at,
    );
    const merged = mergeNodes(base, own, { declarations: this.#declarations, listKeys: false });
    const kept = mapNode(new Map([...merged.entries].filter(([key]) => !key.startsWith('__'))), node.at);
    return { root: kept, files: [...new Set([...loaded.flatMap((each) => each.files), file])] };
  }

  async #read(file: string, chain: readonly string[]): Promise<string> {
    const text = await this.#reader.readText(file).catch((error: unknown) => {
      throw configErrors.UNREADABLE({
        subject: file,
        expected: 'a file that can be read',
        received: error instanceof Error ? error.message : String(error),
        action: 'check the permissions of the file',
        cause: error,
      });
    });
    if (text === undefined) throw notFound(file, chain);
    return text;
  }

  async #module(file: string, chain: readonly string[]): Promise<unknown> {
    if (this.#reader.importModule === undefined) {
      throw configErrors.NO_MODULES({
        subject: file,
        expected: 'a reader that can load modules',
        received: 'a reader without importModule',
        action: 'use nodeReader() of @engine/config/node, or write the config as JSON or YAML',
      });
    }
    if ((await this.#reader.readText(file).catch(() => '')) === undefined) throw notFound(file, chain);
    const exports = await this.#reader.importModule(file).catch((error: unknown) => {
      throw error instanceof EngineError ? error : moduleFailed(file, error);
    });
    if (exports.default !== undefined) return exports.default;
    throw configErrors.NO_DEFAULT_EXPORT({
      subject: file,
      expected: 'a default export: export default defineConfig({ ... })',
      received: `the exports ${Object.keys(exports).join(', ') || '(none)'}`,
      action: 'export the config as default',
      at: { file },
    });
  }
}

function basesOf(node: MapNode, file: string): string[] {
  const base = node.entries.get('_base_');
  const items = base === undefined ? [] : base.kind === 'list' ? base.items : [base];
  return items.map((item) => {
    if (item.kind === 'value' && typeof item.value === 'string' && item.value !== '') return item.value;
    throw configErrors.BAD_BASE({
      subject: '_base_',
      expected: 'a path, or a list of paths, relative to the file',
      received: `_base_ = ${item.kind === 'value' ? show(item.value) : item.kind}`,
      action: 'write _base_: ./base.yaml, or _base_: [./a.yaml, ./b.json]',
      at: item.at ?? { file },
    });
  });
}

function circular(chain: readonly string[]): Error {
  return configErrors.CIRCULAR_BASE({
    subject: '_base_',
    expected: 'a config that does not extend itself',
    received: chain.join(' → '),
    action: 'take one of these files out of _base_',
    at: { file: chain.at(-2) ?? '' },
  });
}

function notFound(file: string, chain: readonly string[]): Error {
  const from = chain.at(-1);
  return configErrors.FILE_NOT_FOUND({
    subject: file,
    expected: 'an existing config file',
    received: from === undefined ? 'no such file' : `no such file, named in _base_ of ${from}`,
    action: from === undefined ? 'check the path' : 'correct _base_; it is relative to the file it stands in',
    at: from === undefined ? undefined : { file: from },
  });
}

function unknownFormat(file: string, extension: string): Error {
  return configErrors.UNKNOWN_FORMAT({
    subject: file,
    expected: `one of ${[...textFormats.keys(), ...moduleFormats].join(', ')}`,
    received: extension === '' ? 'no extension' : extension,
    action: 'rename or convert the file',
  });
}

function notAMapping(node: Node, file: string): Error {
  return configErrors.NOT_A_MAPPING({
    subject: file,
    expected: 'keys with values at the top of the config',
    received: node.kind === 'value' ? show(node.value) : `a ${node.kind}`,
    action: 'write key: value pairs',
    at: node.at,
  });
}

function moduleFailed(file: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const position = /:(\d+):(\d+)\)?|\((\d+):(\d+)\)/.exec(message);
  const [line, column] = [position?.[1] ?? position?.[3], position?.[2] ?? position?.[4]];
  return configErrors.MODULE_FAILED({
    subject: file,
    expected: 'a module that runs and exports a config',
    received: message.split('\n', 1)[0] ?? message,
    action: 'correct the module; the cause has the details',
    at: line === undefined ? { file } : { file, line: Number(line), column: Number(column) },
    cause: error,
  });
}
