import { isHostArray } from '@engine/core/plain';
import { DEEPEST, MOST_NODES } from './limits.js';
import { PythonObject, type PythonValue } from './python-values.js';
import type { Refuse } from './refuse.js';

interface Measure {
  /** Values below, each counted wherever it is used. */
  readonly nodes: number;
  readonly depth: number;
}

interface Frame {
  readonly value: object;
  readonly children: readonly PythonValue[];
  next: number;
  nodes: number;
  depth: number;
}

const LEAF: Measure = { nodes: 1, depth: 0 };

/**
 * Holds what was unpickled to be a tree of bearable size, so that whoever walks it comes to an end: a few bytes can name a list that
 * has itself in it, or ten of another that has ten of another.
 * @throws `ENGINE_FILEIO_TORCH_LIMIT`
 */
export function checkTree(root: PythonValue, refuse: Refuse): void {
  const known = new Map<object, Measure>();
  const open = new Set<object>();
  const path: Frame[] = [];
  const enter = (value: PythonValue): Measure | undefined => {
    if (!isContainer(value)) return LEAF;
    const measured = known.get(value);
    if (measured !== undefined) return measured;
    if (open.has(value)) throw refuse.limit('a tree', 'an object that contains itself');
    if (open.size >= DEEPEST) throw refuse.limit(`at most ${DEEPEST} containers in each other`, 'more');
    open.add(value);
    path.push({ value, children: childrenOf(value), next: 0, nodes: 1, depth: 1 });
    return undefined;
  };
  enter(root);
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    if (frame.next < frame.children.length) {
      const measure = enter(frame.children[frame.next] as PythonValue);
      if (measure === undefined) continue; // it is on the path now, and is seen again when it has been measured
      frame.next += 1;
      frame.nodes += measure.nodes;
      frame.depth = Math.max(frame.depth, measure.depth + 1);
      if (frame.nodes > MOST_NODES) throw refuse.limit(`at most ${MOST_NODES} values`, 'more');
      if (frame.depth > DEEPEST) throw refuse.limit(`at most ${DEEPEST} containers in each other`, 'more');
      continue;
    }
    path.pop();
    open.delete(frame.value);
    known.set(frame.value, { nodes: frame.nodes, depth: frame.depth });
  }
}

const isContainer = (value: PythonValue): value is Exclude<PythonValue, string | number | bigint | boolean | null> =>
  Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof PythonObject;

function childrenOf(value: object): readonly PythonValue[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set) return [...value];
  if (!(value instanceof PythonObject) || isHostArray(value)) return [];
  const { args, state = null, entries = null, elements = null } = value;
  return [...args, state, entries, elements];
}
