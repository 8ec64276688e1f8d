export { nodeReader } from './node-reader.js';
export type { NodeReaderOptions } from './node-reader.js';
