import type { Entry } from '@engine/core';
import type { OptimWrapperConstructors } from '@engine/registry';
import type { OptimWrapperConstructor } from './contract.js';

type EntryIn<M> = M extends { readonly entry: infer E } ? E : M;
type OptionsIn<M> = EntryIn<M> extends Entry<'optimWrapperConstructor', string, infer I> ? I : never;

/** What every config of `optimWrapper` may say besides the wrapper's own options. */
export interface ConstructorConfig {
  /**
   * Who makes the groups: a name, a class, an entry, or a constructor that is built; default `DefaultOptimWrapperConstructor`.
   * (`Function`, because every object has a `constructor` of that type for the compiler.)
   */
  readonly constructor?:
    | keyof OptimWrapperConstructors
    | Entry<'optimWrapperConstructor'>
    | OptimWrapperConstructor
    // biome-ignore lint/complexity/noBannedTypes: see above
    | Function;
  /** Options of that constructor. */
  readonly paramwiseCfg?: OptionsIn<OptimWrapperConstructors[keyof OptimWrapperConstructors]>;
}

declare module '@engine/registry' {
  interface CommonOptions {
    optimWrapper: ConstructorConfig;
  }
}
