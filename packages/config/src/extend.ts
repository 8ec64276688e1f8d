import type { EngineConfig, EngineConfigPatch } from './engine-config.js';
import { joinBases, mergeNodes } from './merge.js';
import { Declarations } from './structure.js';
import { type MapNode, mapNode, toData, toNode } from './tree.js';

/** Top-level keys of the user's own. */
type Variables = Readonly<Record<string, unknown>>;
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- nothing beside the sections is what it means
type NoVariables = Readonly<Record<never, unknown>>;

type WithVariables<V> = [keyof V] extends [never] ? EngineConfig : EngineConfig & V;

/** What bases have besides the engine's sections. */
type VariablesOf<B> = AllOf<B extends unknown ? Omit<B, keyof EngineConfig> : never>;

type AllOf<T> = (T extends unknown ? (each: T) => void : never) extends (all: infer All) => void ? All : never;

/**
 * Gives a config its type: keys and options complete in the editor, and a misspelt one does not compile. Returns it, with `variables` of
 * your own beside its sections for configs that extend it.
 */
export function defineConfig<V extends Variables = NoVariables>(config: EngineConfig, variables?: V): WithVariables<V> {
  return (variables === undefined ? config : { ...config, ...variables }) as WithVariables<V>;
}

/**
 * A config made of others: the bases side by side, then `config` laid over them. Objects merge key by key; lists, built objects and
 * objects with `_delete_: true` replace. `variables` of your own are merged likewise.
 *
 * @throws `ENGINE_CONFIG_DUPLICATE_KEY` when two bases share a top-level key, `ENGINE_CONFIG_MERGE_TYPE`
 */
export function extendConfig<B extends EngineConfig, V extends Variables = NoVariables>(
  bases: readonly B[],
  config: EngineConfigPatch,
  variables?: V,
): WithVariables<VariablesOf<B> & V> {
  const declarations = Declarations.of(undefined);
  const base = joinBases(bases.map(asMap), declarations);
  const own = { ...config, ...variables };
  const result = toData(mergeNodes(base, asMap(own), { declarations, listKeys: false }));
  const made: MadeOf = { bases, config: own };
  return Object.defineProperty(result, MADE_OF, { value: made }) as WithVariables<VariablesOf<B> & V>;
}

const MADE_OF = Symbol.for('@engine/config.madeOf');

/** What an extended config was made of. */
export interface MadeOf {
  readonly bases: readonly object[];
  readonly config: object;
}

/** Undefined for what `extendConfig` did not return. */
export function madeOf(config: object): MadeOf | undefined {
  return (config as { readonly [MADE_OF]?: MadeOf })[MADE_OF];
}

function asMap(config: object): MapNode {
  const node = toNode(config, {});
  return node.kind === 'map' ? node : mapNode(new Map(), undefined);
}
