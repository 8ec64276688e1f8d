/**
 * A registered entry is a plain value that says how a thing is called, which options it takes and how it is made.
 * Seams open `Kinds` and `BuildArgs` by declaration merging; `@engine/registry` keeps and builds entries.
 */

import type { Communicator } from './communicator.js';
import type { BuildArgs, Kinds } from './kinds.js';
import type { Logger } from './logger.js';
import type { StandardSchemaV1 } from './standard-schema.js';

export type Kind = keyof Kinds & string;
export type Built<K extends Kind> = Kinds[K];
export type ArgsOf<K extends Kind> = K extends keyof BuildArgs ? BuildArgs[K] : undefined;

/** What `create` may use besides its options. Owned by the caller; not to be kept. */
export interface BuildContext<K extends Kind = Kind> {
  /** What this kind needs at build time, e.g. the parameters of an optimizer. */
  readonly args: ArgsOf<K>;
  /** Where in the config this stands (`trainDataloader.dataset`), for error messages. */
  readonly path: string;
  readonly logger: Logger;
  readonly communicator: Communicator;
  /** Builds a nested config with the same registry. `key` is the option's name below `path`. */
  build<K2 extends Kind>(
    kind: K2,
    config: unknown,
    nested: { readonly key: string; readonly args?: ArgsOf<K2> },
  ): Built<K2>;
  /** How what `build` made under `key` is made again elsewhere; undefined for what was built already. */
  recipe(key: string): Recipe | undefined;
}

/** How a thing was made: enough to make it again in another thread or process. */
export interface Recipe {
  readonly entry: Entry;
  /** As written in the config, without `type`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What was built from configs inside the options, by path below them: `pipeline.0`. It grows when more is built later. */
  readonly nested: ReadonlyMap<string, Recipe>;
}

/**
 * One registered thing.
 *
 * `I` is the *named* type of the options as written (`SGDOptions`), so that the compiler's messages name it.
 * `options` is a strict schema: the single source of the type, the run-time check and the documentation.
 */
export interface Entry<K extends Kind = Kind, N extends string = string, I extends object = object> {
  readonly kind: K;
  readonly name: N;
  readonly options: StandardSchemaV1<I, object>;
  /** Called with validated options (defaults filled in). What it returns belongs to the caller. */
  create(options: never, ctx: BuildContext<K>): Built<K>;
  /** Import specifier and export name by which a worker or another process finds the entry again. */
  readonly module: string | undefined;
  readonly export: string;
  /** One line. */
  readonly doc: string;
}

/** An entry, or a class that carries one as `static entry`. */
export type EntryLike = Entry | { readonly entry: Entry };

/** What the `defineX` functions of the seams take; `kind` is theirs to add. */
export interface EntryDefinition<K extends Kind, N extends string, S extends StandardSchemaV1<object, object>> {
  readonly name: N;
  readonly options: S;
  create(options: StandardSchemaV1.InferOutput<S>, ctx: BuildContext<K>): Built<K>;
  /** Default: unknown, so the thing cannot be rebuilt in a worker. */
  readonly module?: string;
  /** Default: the name. */
  readonly export?: string;
  /** Default: empty. First-party entries always have one. */
  readonly doc?: string;
}

/** Makes an entry of a kind; seams wrap it as `defineHook`, `defineOptimizer`, ... `I` names the options type in compiler messages. */
export function defineEntry<
  const K extends Kind,
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(kind: K, definition: EntryDefinition<K, N, S>): Entry<K, N, I> {
  return Object.freeze({
    kind,
    name: definition.name,
    options: definition.options as unknown as StandardSchemaV1<I, object>,
    create: definition.create as (options: never, ctx: BuildContext<K>) => Built<K>,
    module: definition.module,
    export: definition.export ?? definition.name,
    doc: definition.doc ?? '',
  });
}

/** The entry of an entry, or of a class that carries one of its own (an inherited one is its parent's); undefined for anything else. */
export function entryOf(value: unknown): Entry | undefined {
  const candidate =
    typeof value === 'function' && Object.hasOwn(value, 'entry')
      ? (value as { readonly entry?: unknown }).entry
      : value;
  return isEntry(candidate) ? candidate : undefined;
}

function isEntry(value: unknown): value is Entry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    'name' in value &&
    'options' in value &&
    'create' in value
  );
}
