import type { EngineConfig, EngineConfigPatch } from './engine-config.js';
import { joinBases, mergeNodes } from './merge.js';
import { Declarations } from './structure.js';
import { type MapNode, mapNode, toData, toNode } from './tree.js';

/** Gives a config its type: keys and options complete in the editor, and a misspelt one does not compile. Returns it as it is. */
export function defineConfig(config: EngineConfig): EngineConfig {
  return config;
}

/**
 * A config made of others: the bases side by side, then `config` laid over them. Objects merge key by key; lists, built objects and
 * objects with `_delete_: true` replace.
 *
 * @throws `ENGINE_CONFIG_DUPLICATE_KEY` when two bases share a top-level key, `ENGINE_CONFIG_MERGE_TYPE`
 */
export function extendConfig(bases: readonly EngineConfig[], config: EngineConfigPatch): EngineConfig {
  const declarations = Declarations.of(undefined);
  const base = joinBases(bases.map(asMap), declarations);
  const result = toData(mergeNodes(base, asMap(config), { declarations, listKeys: false })) as EngineConfig;
  return Object.defineProperty(result, MADE_OF, { value: { bases, config } satisfies MadeOf });
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
