import type { Built, Entry, Kind, Logger, StandardSchemaV1 } from '@engine/core';
import { entryOf, show } from '@engine/core/plain';
import { type Builders, type BuildOptions, type BuildRest, buildEntry } from './build.js';
import { entryLabel } from './entry-label.js';
import { registryErrors } from './errors.js';
import { type JsonSchema, jsonSchemaOf, looseObjectIn } from './json-schema.js';
import { badType } from './lookup-errors.js';
import { refuses } from './options.js';
import { splitScope } from './scope.js';

export interface RegistryOptions {
  /** Default `engine`. Names may be prefixed with it: `engine.SGD`. */
  readonly scope?: string;
  /** Other names by which the scope is known. */
  readonly aliases?: readonly string[];
  /** Where names are looked up that this registry does not have. */
  readonly parent?: Registry;
  /** How a kind is built here and below, where not by its entries alone. Default: as the parent does. */
  readonly builders?: Builders;
  /**
   * Asked last, and of the root only, for names with a dot in them that nothing is registered under, e.g. import paths of another
   * language; `resolveImportPath` reads those of Python.
   */
  readonly resolve?: (kind: Kind, name: string, root: Registry) => Entry | undefined;
}

export interface RegisterOptions {
  /** Names to register under; default the entry's own. */
  readonly names?: readonly string[];
  /** Replaces what has the name already; default false. */
  readonly force?: boolean;
}

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
  readonly #names: readonly string[];
  readonly #builders: Builders;
  readonly #resolve: RegistryOptions['resolve'];
  readonly #children: Registry[] = [];
  readonly #entries = new Map<Kind, Map<string, Entry>>();
  readonly #missedScopes = new Set<string>();

  /** @throws `ENGINE_REGISTRY_DUPLICATE_SCOPE` when the parent has a child of this scope already */
  constructor(options: RegistryOptions = {}) {
    this.scope = options.scope ?? 'engine';
    this.parent = options.parent;
    this.#names = [this.scope, ...(options.aliases ?? [])];
    this.#builders = { ...this.parent?.builders, ...options.builders };
    this.#resolve = options.resolve;
    this.parent?.adopt(this);
  }

  get root(): Registry {
    return this.parent?.root ?? this;
  }

  get children(): readonly Registry[] {
    return [...this.#children];
  }

  private get builders(): Builders {
    return this.#builders;
  }

  private adopt(child: Registry): void {
    const taken = child.#names.find((name) => this.#child(name) !== undefined);
    if (taken !== undefined) {
      throw registryErrors.DUPLICATE_SCOPE({
        expected: `a scope that no other child of ${this.scope} has`,
        received: `scope = ${show(taken)}`,
        action: `register into the existing child, or choose another scope`,
      });
    }
    this.#children.push(child);
  }

  #child(scope: string): Registry | undefined {
    return this.#children.find((child) => child.#names.includes(scope));
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

  /**
   * Registers every entry among the exports of a module and returns them; an entry that is registered already stays. A package that
   * exports a text as `registryScope` gets a scope of its own below the root: `mmdet` makes its entries `mmdet.RandomFlip`.
   */
  registerExports(exports: Readonly<Record<string, unknown>>): Entry[] {
    const { registryScope } = exports;
    if (typeof registryScope === 'string' && this.find(registryScope) !== this) {
      const own = this.root.find(registryScope) ?? new Registry({ scope: registryScope, parent: this.root });
      return own.registerExports(exports);
    }
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
    return this.#lookUp(kind, name) ?? this.root.#resolvePath(kind, name);
  }

  #resolvePath(kind: Kind, name: string): Entry | undefined {
    return name.includes('.') ? this.#resolve?.(kind, name, this) : undefined;
  }

  #lookUp(kind: Kind, name: string): Entry | undefined {
    const own = this.#entries.get(kind)?.get(name);
    if (own !== undefined) return own;
    const { scope, name: rest } = splitScope(name);
    if (scope !== undefined) return this.#lookUpScoped(kind, scope, rest);
    return this.parent === undefined ? undefined : this.parent.#lookUp(kind, name);
  }

  #lookUpScoped(kind: Kind, scope: string, name: string): Entry | undefined {
    if (this.#names.includes(scope)) return this.#entries.get(kind)?.get(name);
    const child = this.#child(scope);
    if (child !== undefined) return child.#lookUp(kind, name);
    return this === this.root ? undefined : this.root.#lookUpScoped(kind, scope, name);
  }

  has(kind: Kind, name: string): boolean {
    return this.get(kind, name) !== undefined;
  }

  /** The registry of a scope anywhere below this one, itself included. */
  find(scope: string): Registry | undefined {
    if (this.#names.includes(scope)) return this;
    for (const child of this.#children) {
      const found = child.find(scope);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * The registry where names are looked up while `scope` is the default scope: the one of that scope anywhere in the tree. This one when
   * no scope is given, or, with a warning the first time, when there is none of that scope.
   */
  inScope(scope: string | undefined, logger?: Logger): Registry {
    if (scope === undefined) return this;
    const found = this.root.find(scope);
    const missed = this.root.#missedScopes;
    if (found === undefined && logger !== undefined && !missed.has(scope)) {
      missed.add(scope);
      logger.warn(`There is no registry of the scope ${scope}; names are looked up in ${this.scope}.`);
    }
    return found ?? this;
  }

  /** Everything that plain names reach from here, by kind and name; what shadows a parent's entry hides it. */
  list(kind?: Kind): EntryInfo[] {
    const inherited = this.parent?.list(kind) ?? [];
    const infos = new Map([...inherited, ...this.#own(kind)].map((info) => [`${info.kind}/${info.name}`, info]));
    return [...infos.values()].sort(byKindAndName);
  }

  /** Everything in the whole tree, by kind and name; entries outside the root scope with their scope as prefix: `mmdet.RandomFlip`. */
  listAll(kind?: Kind): EntryInfo[] {
    const all = (registry: Registry, prefix: string): EntryInfo[] => [
      ...registry.#own(kind).map((info) => ({ ...info, name: `${prefix}${info.name}` })),
      ...registry.#children.flatMap((child) => all(child, `${prefix}${child.scope}.`)),
    ];
    return all(this.root, '').sort(byKindAndName);
  }

  #own(kind?: Kind): EntryInfo[] {
    const kinds = kind === undefined ? [...this.#entries.keys()] : [kind];
    return kinds.flatMap((each) =>
      [...(this.#entries.get(each) ?? [])].map(([name, entry]) => ({
        kind: entry.kind,
        name,
        scope: this.scope,
        doc: entry.doc,
        module: entry.module,
        options: jsonSchemaOf(entry.options),
      })),
    );
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
    const options = rest[0] ?? ({} as BuildOptions<K>);
    const builder = this.#builders[kind];
    if (builder === undefined) return buildEntry(this, kind, { config, options });
    return builder(config, {
      registry: this,
      options,
      build: (item, other = options) => buildEntry(this, kind, { config: item, options: other }),
    });
  }
}

function byKindAndName(a: EntryInfo, b: EntryInfo): number {
  return `${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1;
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
