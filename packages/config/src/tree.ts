/**
 * Configs while they are read and merged: a tree whose nodes know where they were written. Maps keep the order of keys as written,
 * which plain objects do not for keys that look like numbers.
 */
import { entryOf, isPlainObject, type SourceLocation } from '@engine/core/plain';
import { requireDepth } from './depth.js';

export type Node = MapNode | ListNode | ValueNode;

/** What a node knows of how it came about. */
interface Written {
  readonly at: SourceLocation | undefined;
  /** What stood here until this was laid over it. */
  readonly overrode?: Node | undefined;
  /** What the place alone does not say: `computed` for a value that a program worked out. */
  readonly note?: string | undefined;
}

export interface MapNode extends Written {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Node>;
  /** The object that this node says nothing new about; data keeps its identity. */
  readonly origin?: object;
}

export interface ListNode extends Written {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly origin?: object;
}

/** Anything that merging does not look into: scalars, classes, built objects. */
export interface ValueNode extends Written {
  readonly kind: 'value';
  readonly value: unknown;
}

/** Plain data of a config. */
export type ConfigData = Readonly<Record<string, unknown>>;

/** Line and column of every value of a file, by path. */
export type Positions = ReadonlyMap<string, { readonly line: number; readonly column: number }>;

export type Path = readonly (string | number)[];

export function positionKey(path: Path): string {
  return path.join('\u0000');
}

/** Where data came from. */
export interface Source {
  readonly file?: string | undefined;
  readonly positions?: Positions;
}

/** A tree of plain data; keys whose value is undefined are left out. @throws `ENGINE_CONFIG_TOO_DEEP` */
export function toNode(data: unknown, source: Source, path: Path = []): Node {
  const at = source.file === undefined ? undefined : { file: source.file, ...source.positions?.get(positionKey(path)) };
  requireDepth(path.length, at);
  if (Array.isArray(data))
    return { kind: 'list', items: data.map((item, index) => toNode(item, source, [...path, index])), at, origin: data };
  if (!isPlainObject(data) || isOneValue(data)) return { kind: 'value', value: data, at };
  const all = Object.entries(data);
  const present = all.filter(([, value]) => value !== undefined);
  const node: MapNode = {
    kind: 'map',
    entries: new Map(present.map(([key, value]) => [key, toNode(value, source, [...path, key])])),
    at,
  };
  return present.length === all.length ? { ...node, origin: data } : node;
}

/** True for an entry itself, which is a plain object but one value: what `type` names. */
export function isOneValue(data: unknown): boolean {
  return entryOf(data) === data;
}

/** Plain data of a tree. Objects and lists that merging did not touch are those that the tree was made from. */
export function toData(node: Node): unknown {
  if (node.kind === 'value') return node.value;
  if (node.origin !== undefined) return node.origin;
  if (node.kind === 'list') return node.items.map(toData);
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, toData(child)]));
}

/** The node at a dotted path; keys that contain dots themselves are found too. */
export function nodeAt(node: Node, parts: readonly string[]): Node | undefined {
  const [part, ...rest] = parts;
  if (part === undefined) return node;
  if (node.kind === 'list') {
    const item = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
    return item === undefined ? undefined : nodeAt(item, rest);
  }
  if (node.kind !== 'map') return undefined;
  for (let length = 1; length <= parts.length; length++) {
    const child = node.entries.get(parts.slice(0, length).join('.'));
    const found = child === undefined ? undefined : nodeAt(child, parts.slice(length));
    if (found !== undefined) return found;
  }
  return undefined;
}

export function mapNode(entries: ReadonlyMap<string, Node>, at: SourceLocation | undefined): MapNode {
  return { kind: 'map', entries, at };
}

export function valueNode(value: unknown, at: SourceLocation | undefined): ValueNode {
  return { kind: 'value', value, at };
}

export function listNode(items: readonly Node[], at: SourceLocation | undefined): ListNode {
  return { kind: 'list', items, at };
}

/** `node` in the place of `old`, which it remembers. */
export function overriding<T extends Node>(node: T, old: Node): T {
  return { ...node, overrode: node.overrode === undefined ? old : overriding(node.overrode, old) };
}

/** The same tree with each map and list passed through `change`, deepest first; what does not change keeps its identity. */
export function rebuild(node: Node, change: (node: Node) => Node): Node {
  if (node.kind === 'value') return change(node);
  if (node.kind === 'list') {
    const items = node.items.map((item) => rebuild(item, change));
    return change(items.every((item, index) => item === node.items[index]) ? node : withItems(node, items));
  }
  const entries = new Map([...node.entries].map(([key, child]) => [key, rebuild(child, change)]));
  return change(
    [...entries].every(([key, child]) => child === node.entries.get(key)) ? node : withEntries(node, entries),
  );
}

/** A map in the same place with other entries. */
export function withEntries({ at, overrode, note }: MapNode, entries: ReadonlyMap<string, Node>): MapNode {
  return { kind: 'map', entries, at, overrode, note };
}

/** A list in the same place with other elements. */
export function withItems({ at, overrode, note }: ListNode, items: readonly Node[]): ListNode {
  return { kind: 'list', items, at, overrode, note };
}

/** Drops the `_delete_` markers that had nothing to delete. */
export function withoutMarkers(root: MapNode): MapNode {
  const clean = rebuild(root, (node) => {
    if (node.kind !== 'map' || !node.entries.has('_delete_')) return node;
    return withEntries(node, new Map([...node.entries].filter(([key]) => key !== '_delete_')));
  });
  return clean as MapNode;
}
