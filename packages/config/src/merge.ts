import { formatLocation, type SourceLocation } from '@engine/core/plain';
import { show } from '@engine/registry';
import { requireDepth } from './depth.js';
import { configErrors } from './errors.js';
import type { Declarations } from './structure.js';
import { type ListNode, type MapNode, mapNode, type Node, overriding, toData, withEntries, withItems } from './tree.js';

/** How a child is laid over its base. */
export interface MergeRules {
  readonly declarations: Declarations;
  /** Keys that are numbers address elements when the base has a list; for `--cfg-options`. */
  readonly listKeys: boolean;
  /** Dotted path of what is merged; default the whole config. */
  readonly path?: string;
}

/**
 * Lays `child` over `base`: objects merge key by key, everything else replaces. `_delete_: true` in an object replaces the base's object
 * instead. The base's keys keep their place and their spelling; neither argument changes.
 *
 * @throws `ENGINE_CONFIG_MERGE_TYPE`, `ENGINE_CONFIG_BAD_INDEX`
 */
export function mergeNodes(base: MapNode, child: MapNode, rules: MergeRules): MapNode {
  const merged = new Map(base.entries);
  for (const [written, value] of child.entries) {
    const key = rules.declarations.sameKey(base, written);
    const below = { ...rules, declarations: rules.declarations.below(base, key), path: join(rules.path, key) };
    merged.set(key, mergeValue(merged.get(key), value, below));
  }
  return { ...withEntries(base, merged), at: base.at ?? child.at };
}

function join(path: string | undefined, key: string): string {
  return path === undefined ? key : `${path}.${key}`;
}

function mergeValue(base: Node | undefined, child: Node, rules: MergeRules): Node {
  if (base === undefined) return child;
  if (child.kind !== 'map') return overriding(child, base);
  const { isDeleting, rest } = withoutMarker(child);
  if (isDeleting) return overriding(rest, base);
  if (base.kind === 'map') return mergeNodes(base, rest, rules);
  if (base.kind === 'list' && rules.listKeys) return mergeList(base, rest, rules);
  const name = rules.path?.split('.').at(-1);
  throw configErrors.MERGE_TYPE({
    subject: rules.path,
    expected: `a value of the kind that the base has: ${name} = ${show(toData(base))}`,
    received: `${name} = ${show(toData(child))}, keys for something that is not an object`,
    action: 'give the whole value, or add _delete_: true to these keys to replace it',
    at: child.at,
  });
}

function withoutMarker(node: MapNode): { readonly isDeleting: boolean; readonly rest: MapNode } {
  const marker = node.entries.get('_delete_');
  if (marker === undefined) return { isDeleting: false, rest: node };
  const rest = withEntries(node, new Map([...node.entries].filter(([key]) => key !== '_delete_')));
  return { isDeleting: marker.kind === 'value' && Boolean(marker.value), rest };
}

function mergeList(base: ListNode, child: MapNode, rules: MergeRules): ListNode {
  const items = [...base.items];
  for (const [key, value] of child.entries) {
    const index = /^\d+$/.test(key) ? Number(key) : -1;
    const path = join(rules.path, key);
    if (index < 0 || index >= items.length) throw badIndex(items.length, path, value.at);
    items[index] = mergeValue(items[index], value, { ...rules, declarations: rules.declarations.item, path });
  }
  return withItems(base, items);
}

function badIndex(length: number, path: string, at: SourceLocation | undefined): Error {
  const dot = path.lastIndexOf('.');
  const list = path.slice(0, dot);
  return configErrors.BAD_INDEX({
    subject: path,
    expected: length === 0 ? `a whole list; ${list} is empty` : `an index from 0 to ${length - 1} into ${list}`,
    received: `index ${path.slice(dot + 1)}`,
    action: `use an existing index, or give the whole list: ${list}=[...]`,
    at,
  });
}

/**
 * Puts the bases of one config side by side.
 *
 * @throws `ENGINE_CONFIG_DUPLICATE_KEY` when two of them define the same top-level key, in whatever spelling
 */
export function joinBases(bases: readonly MapNode[], declarations: Declarations): MapNode {
  const joined = new Map<string, Node>();
  for (const base of bases) {
    for (const [key, value] of base.entries) {
      const same = declarations.sameKey(mapNode(joined, undefined), key);
      const taken = joined.get(same);
      if (taken !== undefined) throw duplicateKey(key, value, taken);
      joined.set(key, value);
    }
  }
  return mapNode(joined, bases[0]?.at);
}

function duplicateKey(key: string, value: Node, taken: Node): Error {
  return configErrors.DUPLICATE_KEY({
    subject: key,
    expected: 'bases that define different top-level keys',
    received: `${key} in ${placeOf(value) ?? 'one base'} and in ${placeOf(taken) ?? 'another'}`,
    action: `leave ${key} in one of them, or let one base extend the other`,
    at: value.at,
  });
}

function placeOf({ at }: Node): string | undefined {
  return at === undefined ? undefined : formatLocation(at);
}

/** `{ 'a.b': 1 }` → `{ a: { b: 1 } }`; later options win. @throws `ENGINE_CONFIG_MERGE_TYPE` when one is below another's value, `ENGINE_CONFIG_TOO_DEEP` */
export function expandDotted(options: MapNode): MapNode {
  let tree = mapNode(new Map(), options.at);
  for (const [dotted, value] of options.entries) {
    const parts = dotted.split('.');
    requireDepth(parts.length, value.at);
    tree = put(tree, parts, { dotted, value });
  }
  return tree;
}

function put(
  node: MapNode,
  parts: readonly string[],
  option: { readonly dotted: string; readonly value: Node },
): MapNode {
  const { dotted, value } = option;
  const [key = '', ...rest] = parts;
  if (rest.length === 0) return mapNode(new Map(node.entries).set(key, value), node.at);
  const child = node.entries.get(key) ?? mapNode(new Map(), value.at);
  if (child.kind === 'map') return mapNode(new Map(node.entries).set(key, put(child, rest, option)), node.at);
  throw configErrors.MERGE_TYPE({
    subject: dotted,
    expected: 'options that do not contradict each other',
    received: `a value for ${key} and one for ${dotted} below it`,
    action: 'give only one of them',
    at: value.at,
  });
}
