export type { ListNode, MapNode, Node, ValueNode } from '../tree.js';
export { listNode, mapNode, overriding, valueNode } from '../tree.js';
