import type { Entry, Kind, Kinds } from '@engine/core';
import type { CommonOptions, KindTables } from './tables.js';

type EntryIn<M> = M extends { readonly entry: infer E } ? E : M;

type CommonOf<K> = K extends keyof CommonOptions ? CommonOptions[K] : unknown;

/** The schema of an entry without options infers an index signature of `never`, which would forbid `type` too. */
type Named<I> = string extends keyof I ? unknown : I;

type MemberConfig<M, D> =
  EntryIn<M> extends Entry<Kind, infer N, infer I>
    ? N extends D
      ? { readonly type?: N | M } & Named<I>
      : { readonly type: N | M } & Named<I>
    : never;

/** A built object of a kind, told from a config by having no `type`. */
export type BuiltOf<K> = K extends keyof Kinds ? Kinds[K] & { readonly type?: never } : never;

/**
 * What a config may say for a kind: one member for each registered entry, discriminated by `type` (a name, the class or the entry).
 * Where `D` names an entry, `type` may be left out and means that one.
 */
export type TypedConfigOf<K extends keyof KindTables, D extends string = never> = {
  [N in keyof KindTables[K]]: MemberConfig<KindTables[K][N], D> & CommonOf<K>;
}[keyof KindTables[K]];

/**
 * A config of a kind, or an object of the kind that is built already. Built ones come first: TypeScript before 7 explains an object
 * that fits neither by the last of those that share most of its keys.
 */
export type ConfigOf<K extends keyof KindTables, D extends string = never> = BuiltOf<K> | TypedConfigOf<K, D>;

/** The options of one registered entry, as written. */
export type OptionsOf<K extends keyof KindTables, N extends keyof KindTables[K]> =
  EntryIn<KindTables[K][N]> extends Entry<Kind, string, infer I> ? I : never;
