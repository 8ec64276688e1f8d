export { wasm, wasmEntry } from './wasm.js';
export type { WasmOptions } from './wasm.js';
