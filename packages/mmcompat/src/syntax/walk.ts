import type { Module, Node, Spanned } from './ast.js';

/** Every statement and expression below `root`, breadth first, as Python's `ast.walk` visits them. */
export function* walk(root: Module | Node): Generator<Node> {
  const queue: Spanned[] = childrenOf(root);
  for (let next = 0; next < queue.length; next++) {
    const node = queue[next] as Node;
    if ('kind' in node) yield node;
    queue.push(...childrenOf(node));
  }
}

function childrenOf(node: object): Spanned[] {
  const children: Spanned[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'comments' || key === 'source') continue;
    for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) children.push(item);
  }
  return children;
}

/** A node, or one of the parts of nodes that hold nodes (arguments, generators, handlers, ...). */
function isNode(value: unknown): value is Spanned {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
