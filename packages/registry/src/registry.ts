import type { ArgsOf, BuildContext, Built, Communicator, Entry, Kind, Logger, StandardSchemaV1 } from '@engine/core';
import { entryOf, isPlainObject, silentLogger, singleProcess } from '@engine/core';
import { entryLabel } from './entry-label.js';
import { registryErrors } from './errors.js';
import { type JsonSchema, jsonSchemaOf, looseObjectIn } from './json-schema.js';
import { badConfig, badType, missingType, unknownName, wrongKind } from './lookup-errors.js';
import { type Locate, parseOptions, refuses } from './options.js';
import { show } from './show.js';
import { join } from './spelling.js';

export interface RegistryOptions {
  /** Default `engine`. Names may be prefixed with it: `engine.SGD`. */
  readonly scope?: string;
  /** Where names are looked up that this registry does not have. */
  readonly parent?: Registry;
}

export interface RegisterOptions {
  /** Names to register under; default the entry's own. */
  readonly names?: readonly string[];
  /** Replaces what has the name already; default false. */
  readonly force?: boolean;
}

interface CommonBuildOptions {
  /** Where the config stands, for messages and locations; default empty. */
  readonly path?: string;
  /** Finds file, line and column of a config path. */
  readonly locate?: Locate | undefined;
  /** Used for keys that the config does not have; `type` may be among them. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Scope in which names without a prefix are looked up first; a config's own `_scope_` wins. */
  readonly scope?: string | undefined;
  /** Default: drops everything. */
  readonly logger?: Logger;
  /** Default: one process alone. */
  readonly communicator?: Communicator;
}

export type BuildOptions<K extends Kind> = CommonBuildOptions &
  (ArgsOf<K> extends undefined ? { readonly args?: undefined } : { readonly args: ArgsOf<K> });

type BuildRest<K extends Kind> = ArgsOf<K> extends undefined ? [options?: BuildOptions<K>] : [options: BuildOptions<K>];

/** What tools show of an entry. */
export interface EntryInfo {
  readonly kind: Kind;
  readonly name: string;
  readonly scope: string;
  readonly doc: string;
  readonly module: string | undefined;
  /** Undefined when the schema's library offers none. */
  readonly options: JsonSchema | undefined;
}

/** Keeps entries by kind and name and builds things from configs. A value: each run owns one, nothing is global. */
export class Registry {
  readonly scope: string;
  readonly parent: Registry | undefined;
  readonly #children = new Map<string, Registry>();
  readonly #entries = new Map<Kind, Map<string, Entry>>();

  /** @throws `ENGINE_REGISTRY_DUPLICATE_SCOPE` when the parent has a child of this scope already */
  constructor(options: RegistryOptions = {}) {
    this.scope = options.scope ?? 'engine';
    this.parent = options.parent;
    this.parent?.adopt(this);
  }

  get root(): Registry {
    return this.parent?.root ?? this;
  }

  get children(): readonly Registry[] {
    return [...this.#children.values()];
  }

  private adopt(child: Registry): void {
    if (this.#children.has(child.scope)) {
      throw registryErrors.DUPLICATE_SCOPE({
        expected: `a scope that no other child of ${this.scope} has`,
        received: `scope = ${show(child.scope)}`,
        action: `register into the existing child, or choose another scope`,
      });
    }
    this.#children.set(child.scope, child);
  }

  /**
   * Adds an entry, or a class that carries its own as `static entry`, and returns it.
   *
   * @throws `ENGINE_REGISTRY_NOT_AN_ENTRY`, `_DUPLICATE`, `_OPEN_SCHEMA`, `_ASYNC_SCHEMA`
   */
  register<T>(item: T, options: RegisterOptions = {}): T {
    const entry = entryOf(item);
    if (entry === undefined) throw badType(item, '');
    requireStrict(entry);
    const table = this.#table(entry.kind);
    for (const name of options.names ?? [entry.name]) {
      const taken = table.get(name);
      if (taken !== undefined && options.force !== true) throw duplicate(name, entry, taken);
      table.set(name, entry);
    }
    return item;
  }

  /** Registers every entry among the exports of a module and returns them; an entry that is registered already stays. */
  registerExports(exports: Readonly<Record<string, unknown>>): Entry[] {
    const entries = new Set(Object.values(exports).flatMap((value) => entryOf(value) ?? []));
    const added = [...entries].filter((entry) => this.#entries.get(entry.kind)?.get(entry.name) !== entry);
    for (const entry of added) this.register(entry);
    return added;
  }

  /**
   * The entry of a name, or undefined. Plain names are looked up here, then in the parents. `scope.Name` with this registry's scope: here only;
   * with the scope of a child: as that child looks `Name` up (`a.b.Name` goes down further); else as the root does.
   */
  get(kind: Kind, name: string): Entry | undefined {
    const own = this.#entries.get(kind)?.get(name);
    if (own !== undefined) return own;
    const dot = name.indexOf('.');
    return dot < 0 ? this.parent?.get(kind, name) : this.#getScoped(kind, name.slice(0, dot), name.slice(dot + 1));
  }

  #getScoped(kind: Kind, scope: string, name: string): Entry | undefined {
    if (scope === this.scope) return this.#entries.get(kind)?.get(name);
    const child = this.#children.get(scope);
    if (child !== undefined) return child.get(kind, name);
    return this === this.root ? undefined : this.root.#getScoped(kind, scope, name);
  }

  has(kind: Kind, name: string): boolean {
    return this.get(kind, name) !== undefined;
  }

  /** The registry of a scope anywhere below this one, itself included. */
  find(scope: string): Registry | undefined {
    if (scope === this.scope) return this;
    for (const child of this.#children.values()) {
      const found = child.find(scope);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Everything that plain names reach from here, by kind and name; what shadows a parent's entry hides it. */
  list(kind?: Kind): EntryInfo[] {
    const inherited = this.parent?.list(kind) ?? [];
    const kinds = kind === undefined ? [...this.#entries.keys()] : [kind];
    const own = kinds.flatMap((each) =>
      [...(this.#entries.get(each) ?? [])].map(([name, entry]) => this.#info(name, entry)),
    );
    const infos = new Map([...inherited, ...own].map((info) => [`${info.kind}/${info.name}`, info]));
    return [...infos.values()].sort((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1));
  }

  #info(name: string, entry: Entry): EntryInfo {
    return {
      kind: entry.kind,
      name,
      scope: this.scope,
      doc: entry.doc,
      module: entry.module,
      options: jsonSchemaOf(entry.options),
    };
  }

  #table(kind: Kind): Map<string, Entry> {
    const table = this.#entries.get(kind) ?? new Map<string, Entry>();
    this.#entries.set(kind, table);
    return table;
  }

  /**
   * Builds what a config says; an object that is built already is returned as it is. The config is not changed.
   * Errors from inside the thing's own `create` pass through.
   *
   * @throws `ENGINE_REGISTRY_BAD_CONFIG`, `_MISSING_TYPE`, `_UNKNOWN_NAME`, `_NOT_AN_ENTRY`, `_WRONG_KIND` and the errors of `parseOptions`
   */
  build<K extends Kind>(kind: K, config: unknown, ...rest: BuildRest<K>): Built<K> {
    const options: CommonBuildOptions & { readonly args?: unknown } = rest[0] ?? {};
    const path = options.path ?? '';
    if (isBuilt(config, options.defaults)) return config as Built<K>;
    if (!isPlainObject(config) || entryOf(config) !== undefined)
      throw badConfig(kind, config, { path, locate: options.locate });
    const { _scope_, type, ...given } = { ...options.defaults, ...config };
    const scope = typeof _scope_ === 'string' ? _scope_ : options.scope;
    const registry = this.#scoped(scope, options.logger ?? silentLogger);
    const entry = registry.#entryFor(kind, { type, config, path, locate: options.locate });
    const { value, written } = parseOptions(entry.options, given, {
      subject: entryLabel(entry),
      path,
      locate: options.locate,
    });
    const create = entry.create as (options: object, ctx: BuildContext<K>) => Built<K>;
    return create(value, registry.#context<K>({ ...options, path, scope }, written));
  }

  #scoped(scope: string | undefined, logger: Logger): Registry {
    if (scope === undefined) return this;
    const found = this.root.find(scope);
    if (found === undefined)
      logger.warn(`There is no registry of the scope ${scope}; names are looked up in ${this.scope}.`);
    return found ?? this;
  }

  #entryFor(
    kind: Kind,
    place: {
      readonly type: unknown;
      readonly config: unknown;
      readonly path: string;
      readonly locate: Locate | undefined;
    },
  ): Entry {
    const { type, path, locate } = place;
    if (type === undefined || type === null) throw missingType(kind, place.config, { path, locate });
    const entry = typeof type === 'string' ? this.get(kind, type) : entryOf(type);
    const at = { path: join(path, 'type').replace(/^\./, ''), locate };
    if (entry === undefined)
      throw typeof type === 'string'
        ? unknownName(this, { kind, name: type }, at)
        : badType(type, at.path, locate?.(at.path));
    if (entry.kind !== kind) throw wrongKind(kind, entry, at);
    return entry;
  }

  #context<K extends Kind>(
    options: CommonBuildOptions & { readonly path: string; readonly args?: unknown },
    written: ReadonlyMap<string, string>,
  ): BuildContext<K> {
    const { logger = silentLogger, communicator = singleProcess, locate, scope, path } = options;
    const inherited = { logger, communicator, locate, scope };
    return {
      args: options.args as ArgsOf<K>,
      path,
      logger,
      communicator,
      build: (kind, config, nested) => {
        const below = join(path, written.get(nested.key) ?? nested.key);
        const build = this.build.bind(this) as (kind: Kind, config: unknown, options: object) => never;
        return build(kind, config, { ...inherited, path: below, args: nested.args });
      },
    };
  }
}

/** Class instances, functions and objects with methods are things already; plain data and entries are not. */
function isBuilt(config: unknown, defaults: object | undefined): boolean {
  if (entryOf(config) !== undefined) return false;
  if (typeof config === 'function') return !/^class\b/.test(Function.prototype.toString.call(config));
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return false;
  if (!isPlainObject(config)) return true;
  return (
    !('type' in config) &&
    (defaults === undefined || !('type' in defaults)) &&
    Object.values(config).some((value) => typeof value === 'function')
  );
}

const checked = new WeakSet<StandardSchemaV1>();

/** @throws `ENGINE_REGISTRY_OPEN_SCHEMA` unless a schema refuses keys that it does not know */
function requireStrict(entry: Entry): void {
  if (checked.has(entry.options)) return;
  const json = jsonSchemaOf(entry.options);
  const nested = json === undefined ? undefined : looseObjectIn(json);
  const isStrict = refuses(entry.options as StandardSchemaV1<unknown, unknown>, 'thisKeyIsUnknown', entryLabel(entry));
  if (!isStrict || nested !== undefined) {
    throw registryErrors.OPEN_SCHEMA({
      subject: `${entry.kind} ${entryLabel(entry)}`,
      expected: 'an options schema that refuses unknown keys',
      received: isStrict
        ? `a schema whose ${nested} drops unknown keys`
        : 'a schema that accepted the unknown key thisKeyIsUnknown',
      action: 'make it strict: z.strictObject({ ... }) in zod; z.record for free maps',
    });
  }
  checked.add(entry.options);
}

function duplicate(name: string, entry: Entry, taken: Entry): Error {
  return registryErrors.DUPLICATE({
    subject: `${entry.kind} ${name}`,
    expected: `a name that no other ${entry.kind} has`,
    received:
      entry === taken
        ? `${entryLabel(entry)} once more`
        : `${entryLabel(entry)}, but the name belongs to ${entryLabel(taken)}`,
    action: 'choose another name, or pass { force: true } to replace the old entry',
  });
}
