import { EngineError, formatLocation, isPlainObject, type SourceLocation } from '@engine/core/plain';
import { type Registry, show } from '@engine/registry';
import { configErrors } from './errors.js';
import * as loadErrors from './load-errors.js';
import { joinBases, mergeNodes } from './merge.js';
import type { ModuleTracer } from './module-tracer.js';
import { packagePathOf } from './package-path.js';
import type { ParsedText } from './parsed-text.js';
import type { ConfigReader } from './reader.js';
import { Rewriting } from './rewriting.js';
import { Declarations } from './structure.js';
import { type MapNode, type Node, toData, toNode, withEntries } from './tree.js';
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
  /** Finds the places of values in TypeScript and JavaScript files; without one these are located by file. */
  readonly tracer?: ModuleTracer | undefined;
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

/** Something that a person should know and that is no error. */
export interface ConfigWarning {
  readonly message: string;
  readonly at: SourceLocation | undefined;
}

/** A config with all its bases merged in. */
export interface LoadedTree {
  readonly root: MapNode;
  /** Every file that went in, bases first. */
  readonly files: readonly string[];
  readonly warnings?: readonly ConfigWarning[];
}

type TextParser = (text: string, file: string) => ParsedText;

const json = async (): Promise<TextParser> => (await import('./parse-json.js')).parseJson;
const yaml = async (): Promise<TextParser> => (await import('./parse-yaml.js')).parseYaml;
const toml = async (): Promise<TextParser> => (await import('./parse-toml.js')).parseToml;

/** Extension → its parser, which is loaded when a file needs it. */
const textFormats: ReadonlyMap<string, () => Promise<TextParser>> = new Map([
  ['.json', json],
  ['.jsonc', json],
  ['.yaml', yaml],
  ['.yml', yaml],
  ['.toml', toml],
]);
const moduleFormats: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/** Keys of a file that say something about the file; `$schema` is for editors. */
const DIRECTIVES: ReadonlySet<string> = new Set(['_base_', '_deprecation_', '$schema']);

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
  const parser = textFormats.get(format);
  if (parser === undefined) throw loadErrors.unknownFormat(options.file, format, [...textFormats.keys()]);
  return new Loader(options).text(text, await parser(), { file: options.file, chain: [] });
}

/** A file that is being loaded, and the files that asked for it. */
interface Here {
  readonly file: string;
  readonly chain: readonly string[];
}

/** A base as a file names it. */
interface Base {
  readonly written: string;
  readonly at: SourceLocation;
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

  async file(file: string, chain: readonly string[], from?: Base): Promise<LoadedTree> {
    if (chain.includes(file)) throw loadErrors.circular([...chain, file], from?.at);
    loadErrors.requireShortChain(chain, from?.at);
    const extension = /\.[^./\\]*$/.exec(file)?.[0] ?? '';
    const parser = textFormats.get(extension);
    if (parser !== undefined) return this.text(await this.#read(file, chain, from), await parser(), { file, chain });
    const format = this.#options.formats?.find((each) => each.extensions.includes(extension));
    if (format !== undefined) return format.load(file, this.#options, chain);
    if (!moduleFormats.has(extension)) throw loadErrors.unknownFormat(file, extension, this.#extensions, from?.at);
    const exported = await this.#module(file, chain, from);
    const { tracer } = this.#options;
    return this.#extend(tracer === undefined ? toNode(exported, { file }) : await tracer.trace(file, exported), {
      file,
      chain,
    });
  }

  get #extensions(): string[] {
    const plugged = (this.#options.formats ?? []).flatMap((format) => format.extensions);
    return [...moduleFormats, ...textFormats.keys(), ...plugged];
  }

  async text(original: string, parse: TextParser, here: Here): Promise<LoadedTree> {
    const { file } = here;
    loadErrors.requireSize(original.length, file);
    const rewriting = new Rewriting(original);
    const named = substituteFileVariables(original, file, rewriting);
    const filled = substituteEnvironment(named, (name) => this.#reader.env(name), file, rewriting);
    const { text, references } = tokenizeBaseReferences(filled, rewriting);
    const parsed = parse(text, file);
    const place = rewriting.placesIn(text);
    const positions = new Map(Array.from(parsed.positions, ([path, at]) => [path, place(at)]));
    return this.#extend(toNode(parsed.data, { file, positions }), here, references);
  }

  async #extend(
    node: Node,
    { file, chain }: Here,
    references: ReadonlyMap<string, string> = new Map(),
  ): Promise<LoadedTree> {
    if (node.kind !== 'map') throw loadErrors.notAMapping(node, file);
    const loaded: LoadedTree[] = [];
    for (const base of basesOf(node, file))
      loaded.push(await this.file(await this.#resolve(base, file), [...chain, file], base));
    const base = joinBases(
      loaded.map((each) => each.root),
      this.#declarations,
    );
    const resolved = resolveBaseReferences(node, references, base);
    const own = without(resolved.kind === 'map' ? resolved : node, (key) => DIRECTIVES.has(key));
    const merged = mergeNodes(base, own, { declarations: this.#declarations, listKeys: false });
    return {
      root: { ...without(merged, (key) => key.startsWith('__')), at: node.at },
      files: [...new Set([...loaded.flatMap((each) => each.files), file])],
      warnings: [...loaded.flatMap((each) => each.warnings ?? []), ...deprecation(node, file)],
    };
  }

  async #resolve({ written, at }: Base, file: string): Promise<string> {
    const inPackage = packagePathOf(written, at);
    if (inPackage === undefined) return this.#reader.resolve(written, file);
    const found = await this.#reader.resolvePackage?.(inPackage.name, inPackage.path, file);
    if (found !== undefined) return found;
    throw loadErrors.packageNotFound(written, inPackage.name, at);
  }

  async #read(file: string, chain: readonly string[], from: Base | undefined): Promise<string> {
    const text = await this.#reader.readText(file).catch((error: unknown) => {
      throw error instanceof EngineError ? error : loadErrors.unreadable(file, error);
    });
    if (text === undefined) throw loadErrors.notFound(file, chain, from?.at);
    return text;
  }

  async #module(file: string, chain: readonly string[], from: Base | undefined): Promise<unknown> {
    if (this.#reader.importModule === undefined) throw loadErrors.noModules(file);
    if ((await this.#reader.readText(file).catch(() => '')) === undefined)
      throw loadErrors.notFound(file, chain, from?.at);
    const exports = await this.#reader.importModule(file).catch((error: unknown) => {
      throw error instanceof EngineError ? error : loadErrors.moduleFailed(file, error);
    });
    if (exports.default !== undefined) return exports.default;
    throw loadErrors.noDefaultExport(file, Object.keys(exports));
  }
}

function without(node: MapNode, isDropped: (key: string) => boolean): MapNode {
  return withEntries(node, new Map([...node.entries].filter(([key]) => !isDropped(key))));
}

function basesOf(node: MapNode, file: string): Base[] {
  const base = node.entries.get('_base_');
  const items = base === undefined ? [] : base.kind === 'list' ? base.items : [base];
  return items.map((item) => {
    const at = item.at ?? { file };
    if (item.kind === 'value' && typeof item.value === 'string' && item.value !== '')
      return { written: item.value, at };
    throw configErrors.BAD_BASE({
      subject: '_base_',
      expected: 'a path, or a list of paths, relative to the file',
      received: `_base_ = ${item.kind === 'value' ? show(item.value) : item.kind}`,
      action: 'write _base_: ./base.yaml, or _base_: [./a.yaml, ./b.json]',
      at,
    });
  });
}

/** What `_deprecation_: { expected, reference }` of a file tells whoever uses it. @throws `ENGINE_CONFIG_BAD_DEPRECATION` */
function deprecation(node: MapNode, file: string): ConfigWarning[] {
  const found = node.entries.get('_deprecation_');
  if (found === undefined) return [];
  const data = toData(found);
  const at = found.at ?? { file };
  if (!isPlainObject(data)) {
    throw configErrors.BAD_DEPRECATION({
      subject: '_deprecation_',
      expected: '{ expected: the file to use instead, reference: where to read more }',
      received: `_deprecation_ = ${show(data)}`,
      action: 'write _deprecation_: { expected: ./new.yaml }',
      at,
    });
  }
  const use = data.expected === undefined ? '' : `; use ${String(data.expected)} instead`;
  const more = data.reference === undefined ? '' : ` (see ${String(data.reference)})`;
  return [{ message: `${formatLocation({ file })} is deprecated${use}${more}`, at }];
}
