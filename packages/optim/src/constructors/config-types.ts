import type { Entry } from '@engine/core';
import type { OptimWrapperConstructors, OptionsOf } from '@engine/registry';
import type { OptimWrapperConstructor } from './contract.js';

type Name = keyof OptimWrapperConstructors;
/** Name by name: of all at once the compiler would take what their options have in common. */
type Options<N extends Name = Name> = N extends Name ? OptionsOf<'optimWrapperConstructor', N> : never;

/** What every config of `optimWrapper` may say besides the wrapper's own options. */
export interface ConstructorConfig {
  /**
   * Who makes the groups: a name, a class, an entry, or a constructor that is built; default `DefaultOptimWrapperConstructor`.
   * (`Function`, because every object has a `constructor` of that type for the compiler.)
   */
  readonly constructor?:
    | Name
    | Entry<'optimWrapperConstructor'>
    | OptimWrapperConstructor
    // biome-ignore lint/complexity/noBannedTypes: see above
    | Function;
  /** Options of that constructor. */
  readonly paramwiseCfg?: Options;
}

declare module '@engine/registry' {
  interface CommonOptions {
    optimWrapper: ConstructorConfig;
  }
}
