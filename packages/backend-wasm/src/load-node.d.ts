import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { ResolvedOptions } from './module.js';
type TfjsWasm = typeof import('@tensorflow/tfjs-backend-wasm');
/** Makes the backend object of TensorFlow.js; its threads do not keep the process alive. */
export declare function loadInNode(tfjs: TfjsWasm, options: ResolvedOptions): Promise<BackendWasm>;
export {};
