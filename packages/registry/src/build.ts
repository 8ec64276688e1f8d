import type { ArgsOf, BuildContext, Built, Communicator, Entry, Kind, Logger, Recipe } from '@engine/core';
import { entryOf, isPlainObject, silentLogger, singleProcess } from '@engine/core/plain';
import { entryLabel } from './entry-label.js';
import { badConfig, badType, missingType, type Place, unknownName, wrongKind } from './lookup-errors.js';
import { type Locate, parseOptions } from './options.js';
import type { Registry } from './registry.js';
import { join } from './spelling.js';

/** Where a config stands and what applies to it. */
export interface LookupOptions {
  /** Where the config stands, for messages and locations; default empty. */
  readonly path?: string;
  /** Where the name of the type stands, when it is not `type` below `path`. */
  readonly typePath?: string | undefined;
  /** Finds file, line and column of a config path. */
  readonly locate?: Locate | undefined;
  /** Used for keys that the config does not have; `type` may be among them. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Scope in which names without a prefix are looked up first; a config's own `_scope_` wins. */
  readonly scope?: string | undefined;
  /** Default: drops everything. */
  readonly logger?: Logger;
}

interface CommonBuildOptions extends LookupOptions {
  /** Default: one process alone. */
  readonly communicator?: Communicator;
  /** Told how each entry was made, with its path, before those that it is a part of. */
  readonly record?: ((path: string, recipe: Recipe) => void) | undefined;
}

export type BuildOptions<K extends Kind> = CommonBuildOptions &
  (ArgsOf<K> extends undefined ? { readonly args?: undefined } : { readonly args: ArgsOf<K> });

export type BuildRest<K extends Kind> =
  ArgsOf<K> extends undefined ? [options?: BuildOptions<K>] : [options: BuildOptions<K>];

/** What a {@link Builder} gets besides the config. */
export interface BuilderContext<K extends Kind> {
  /** The registry that was asked to build. */
  readonly registry: Registry;
  readonly options: BuildOptions<K>;
  /** The usual way: finds the entry, checks the options, calls its `create`. */
  build(config: unknown, options?: BuildOptions<K>): Built<K>;
}

/** Builds a kind from whatever its configs look like, e.g. a list. */
export type Builder<K extends Kind> = (config: unknown, context: BuilderContext<K>) => Built<K>;

export type Builders = { readonly [K in Kind]?: Builder<K> };

/** Builds one config with the entry that its `type` names; what is built already is returned as it is. */
export function buildEntry<K extends Kind>(
  from: Registry,
  kind: K,
  request: { readonly config: unknown; readonly options: CommonBuildOptions & { readonly args?: unknown } },
): Built<K> {
  const found = lookUp(from, kind, request);
  if (found === undefined) return request.config as Built<K>;
  const { entry, registry, scope } = found;
  const { value, written } = parseOptions(entry.options, found.given, found.place);
  const create = entry.create as (options: object, ctx: BuildContext<K>) => Built<K>;
  const { path } = found.place;
  const nested = new Map<string, Recipe>();
  const built = create(value, contextOf<K>(registry, { ...request.options, path, scope, written, nested }));
  request.options.record?.(path, { entry, options: found.given, nested });
  return built;
}

/** The entry that a config names, and what else it says. */
export interface Found {
  readonly entry: Entry;
  /** The registry of the config's scope, from which what is below is looked up. */
  readonly registry: Registry;
  readonly scope: string | undefined;
  /** The config without `type` and scope, over its defaults. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly place: { readonly subject: string; readonly path: string; readonly locate: Locate | undefined };
}

/** Finds the entry of a config; undefined for what is built already. */
export function lookUp(
  from: Registry,
  kind: Kind,
  { config, options }: { readonly config: unknown; readonly options: LookupOptions },
): Found | undefined {
  const { path = '', locate } = options;
  if (isBuilt(config, options.defaults)) return undefined;
  if (!isPlainObject(config) || entryOf(config) !== undefined) throw badConfig(kind, config, { path, locate });
  const { _scope_, type, ...given } = { ...options.defaults, ...config };
  const scope = typeof _scope_ === 'string' ? _scope_ : options.scope;
  const registry = from.inScope(scope, options.logger);
  if (type === undefined || type === null) throw missingType(kind, config, { path, locate });
  const entry = entryFor(registry, kind, type, { path: options.typePath ?? join(path, 'type'), locate });
  return { entry, registry, scope, given, place: { subject: entryLabel(entry), path, locate } };
}

function entryFor(registry: Registry, kind: Kind, type: unknown, at: Place): Entry {
  const entry = typeof type === 'string' ? registry.get(kind, type) : entryOf(type);
  if (entry === undefined)
    throw typeof type === 'string'
      ? unknownName(registry, { kind, name: type }, at)
      : badType(type, at.path, at.locate?.(at.path));
  if (entry.kind !== kind) throw wrongKind(kind, entry, at);
  return entry;
}

interface ContextInit extends CommonBuildOptions {
  readonly path: string;
  readonly args?: unknown;
  readonly written: ReadonlyMap<string, string>;
  readonly nested: Map<string, Recipe>;
}

function contextOf<K extends Kind>(registry: Registry, init: ContextInit): BuildContext<K> {
  const { logger = silentLogger, communicator = singleProcess, locate, scope, path, nested: recipes } = init;
  const record = (at: string, recipe: Recipe): void => {
    recipes.set(path === '' ? at : at.slice(path.length + 1), recipe);
  };
  const inherited = { logger, communicator, locate, scope, record };
  const spelt = (key: string): string => init.written.get(key) ?? key;
  return {
    args: init.args as ArgsOf<K>,
    path,
    logger,
    communicator,
    build: (kind, config, nested) => {
      const below = join(path, spelt(nested.key));
      const build = registry.build.bind(registry) as (kind: Kind, config: unknown, options: object) => never;
      return build(kind, config, { ...inherited, path: below, args: nested.args });
    },
    recipe: (key) => recipes.get(spelt(key)),
  };
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
