import type { SourceLocation } from '@engine/core';
import { toPlain } from './dump.js';
import type { Declarations } from './structure.js';
import { type ListNode, type MapNode, type Node, toData } from './tree.js';

/** One place at which two configs differ. */
export interface ConfigChange {
  /** Dotted path, as the first config spells it where it has the key. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** In the first config; absent when added. Entries and classes are shown by name. */
  readonly before?: unknown;
  readonly beforeAt?: SourceLocation | undefined;
  /** In the second; absent when removed. */
  readonly after?: unknown;
  readonly afterAt?: SourceLocation | undefined;
}

/** What differs, in the order of the first tree, with what only the second has after that. Key order counts for nothing, and neither does spelling. */
export function diffMaps(before: MapNode, after: MapNode, declarations: Declarations, path = ''): ConfigChange[] {
  const others = new Map([...after.entries].map(([key, node]) => [declarations.sameKey(before, key), node]));
  const own = [...before.entries].flatMap(([key, node]) =>
    diffNodes(node, others.get(key), { path: join(path, key), declarations: declarations.below(before, key) }),
  );
  const added = [...others].filter(([key]) => !before.entries.has(key));
  return [
    ...own,
    ...added.flatMap(([key, node]) => diffNodes(undefined, node, { path: join(path, key), declarations })),
  ];
}

interface Place {
  readonly path: string;
  readonly declarations: Declarations;
}

function diffNodes(before: Node | undefined, after: Node | undefined, place: Place): ConfigChange[] {
  const { path, declarations } = place;
  if (before === undefined && after === undefined) return [];
  if (before?.kind === 'map' && after?.kind === 'map') return diffMaps(before, after, declarations, path);
  if (before?.kind === 'list' && after?.kind === 'list') return diffLists(before, after, place);
  const [old, now] = [before && plainOf(before), after && plainOf(after)];
  if (before === undefined) return [{ path, kind: 'added', after: now, afterAt: after?.at }];
  if (after === undefined) return [{ path, kind: 'removed', before: old, beforeAt: before.at }];
  if (Object.is(old, now) || (before.kind === after.kind && JSON.stringify(old) === JSON.stringify(now))) return [];
  return [{ path, kind: 'changed', before: old, beforeAt: before.at, after: now, afterAt: after.at }];
}

/** Elements that both lists have at their start and at their end are equal; those between are compared in order, or added or removed. */
function diffLists(before: ListNode, after: ListNode, { path, declarations }: Place): ConfigChange[] {
  const [a, b] = [before.items, after.items];
  const shorter = Math.min(a.length, b.length);
  const isSame = (i: number, j: number): boolean => {
    const [x, y] = [a[i], b[j]];
    return (
      x !== undefined && y !== undefined && diffNodes(x, y, { path, declarations: declarations.item }).length === 0
    );
  };
  let start = 0;
  while (start < shorter && isSame(start, start)) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(a.length - 1 - end, b.length - 1 - end)) end += 1;
  const changed = Math.min(a.length, b.length) - start - end;
  const item = { declarations: declarations.item };
  const pairs = Array.from({ length: changed }, (_, i) => start + i);
  const rest = start + changed;
  return [
    ...pairs.flatMap((index) => diffNodes(a[index], b[index], { ...item, path: join(path, index) })),
    ...a
      .slice(rest, a.length - end)
      .flatMap((node, i) => diffNodes(node, undefined, { ...item, path: join(path, rest + i) })),
    ...b
      .slice(rest, b.length - end)
      .flatMap((node, i) => diffNodes(undefined, node, { ...item, path: join(path, rest + i) })),
  ];
}

function plainOf(node: Node): unknown {
  return toPlain(toData(node));
}

function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}
