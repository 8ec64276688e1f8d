export type { NodeOptions } from './node.js';
export { node, nodeEntry } from './node.js';
