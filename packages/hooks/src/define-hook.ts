import { type BuildContext, defineEntry, type Entry, type StandardSchemaV1 } from '@engine/core';
import type { Hook } from './hook.js';
import type { Priority } from './priority.js';

declare module '@engine/core' {
  interface Kinds {
    hook: Hook;
  }
}

declare module '@engine/registry' {
  interface CommonOptions {
    /** Every hook may be given another priority where it is configured. */
    hook: { readonly priority?: Priority };
  }
}

type NamelessHook = Omit<Hook, 'name'> & { readonly name?: string };

export interface HookDefinition<N extends string, S extends StandardSchemaV1<object, object>> {
  readonly name: N;
  /** Strict schema of the options. */
  readonly options: S;
  /** Makes the hook; its `name` may be left out. */
  create(options: StandardSchemaV1.InferOutput<S>, ctx: BuildContext<'hook'>): NamelessHook;
  /** Import specifier by which other processes find the hook. */
  readonly module?: string;
  /** One line for listings. */
  readonly doc?: string;
}

/** Makes a hook that configs can name: `{ type: 'MyHook', ... }` once registered, `{ type: MyHook, ... }` at once. */
export function defineHook<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: HookDefinition<N, S>): Entry<'hook', N, I> {
  return defineEntry<'hook', N, S, I>('hook', {
    ...definition,
    create: (options, ctx) => named(definition.create(options, ctx), definition.name),
  });
}

function named(hook: NamelessHook, name: string): Hook {
  if (hook.name === undefined) Object.defineProperty(hook, 'name', { value: name, enumerable: true });
  return hook as Hook;
}
