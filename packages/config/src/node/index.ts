export type { NodeReaderOptions } from './node-reader.js';
export { nodeReader } from './node-reader.js';
