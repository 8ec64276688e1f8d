export { toJson } from '../dump.js';
export { dumpToml, dumpYaml } from '../dump-lazily.js';
export { toTypeScript } from '../dump-typescript.js';
export type { ListNode, MapNode, Node, ValueNode } from '../tree.js';
export { listNode, mapNode, overriding, toData, valueNode, withoutMarkers } from '../tree.js';
