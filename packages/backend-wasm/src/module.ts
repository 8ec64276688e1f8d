import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** What Emscripten's factory makes of a wasm binary, as far as it is used here. */
export type WasmModule = BackendWasm['wasm'] & {
  readonly HEAPU8: Uint8Array;
  cwrap(name: string, result: string | null, parameters: readonly string[]): (...args: number[]) => number;
  readonly PThread?: { readonly runningWorkers: Unrefable[]; unusedWorkers: Unrefable[] };
};

/** A worker thread of Node. */
export interface Unrefable {
  unref(): void;
  terminate(): unknown;
}

/** Settings of one wasm backend with their defaults filled in. */
export interface ResolvedOptions {
  readonly threads: number;
  readonly simd: boolean;
  /** Where the `.wasm` files are; undefined for those of the installed package. */
  readonly path: string | undefined;
}

/** What has become of the settings: the module, with as many threads and vectors as it really has. */
export interface Loaded extends ResolvedOptions {
  readonly module: WasmModule;
}
