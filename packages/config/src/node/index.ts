export { moduleTracer } from './module-tracer.js';
export type { NodeReaderOptions } from './node-reader.js';
export { nodeReader } from './node-reader.js';
