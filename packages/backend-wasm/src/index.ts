export type { WasmOptions } from './wasm.js';
export { wasm, wasmEntry } from './wasm.js';
