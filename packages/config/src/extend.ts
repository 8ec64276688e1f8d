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
  return toData(mergeNodes(base, asMap(config), { declarations, listKeys: false })) as EngineConfig;
}

function asMap(config: object): MapNode {
  const node = toNode(config, {});
  return node.kind === 'map' ? node : mapNode(new Map(), undefined);
}
