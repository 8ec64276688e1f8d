export type { CudaOptions } from './cuda.js';
export { cuda, cudaEntry } from './cuda.js';
