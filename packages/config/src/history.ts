import type { SourceLocation } from '@engine/core';
import { type Node, toData } from './tree.js';

/** One value that stood at a path, and where it was written. */
export interface HistoryEntry {
  readonly value: unknown;
  readonly at: SourceLocation | undefined;
  /** `computed` for what a program worked out, `{{_base_.path}}` for what was taken from a base. */
  readonly note: string | undefined;
}

/** What stood at a dotted path, newest first; keys that contain dots themselves are found too. */
export function historyOf(root: Node, parts: readonly string[]): HistoryEntry[] {
  return nodesAt(root, parts).map((node) => ({ value: toData(node), at: node.at, note: node.note }));
}

function nodesAt(node: Node, parts: readonly string[]): Node[] {
  const older = node.overrode === undefined ? [] : nodesAt(node.overrode, parts);
  return [...(parts.length === 0 ? [node] : nodesBelow(node, parts)), ...older];
}

function nodesBelow(node: Node, parts: readonly string[]): Node[] {
  if (node.kind === 'value') return [];
  if (node.kind === 'list') {
    const [part = '', ...rest] = parts;
    const item = /^\d+$/.test(part) ? node.items[Number(part)] : undefined;
    return item === undefined ? [] : nodesAt(item, rest);
  }
  for (let length = 1; length <= parts.length; length++) {
    const child = node.entries.get(parts.slice(0, length).join('.'));
    const found = child === undefined ? [] : nodesAt(child, parts.slice(length));
    if (found.length > 0) return found;
  }
  return [];
}

/** The dotted paths of everything that has nothing below it. */
export function leafPaths(root: Node): string[] {
  return leaves(root, '');
}

function leaves(node: Node, path: string): string[] {
  const children = node.kind === 'map' ? [...node.entries] : node.kind === 'list' ? [...node.items.entries()] : [];
  if (children.length === 0) return path === '' ? [] : [path];
  return children.flatMap(([key, child]) => leaves(child, path === '' ? String(key) : `${path}.${key}`));
}
