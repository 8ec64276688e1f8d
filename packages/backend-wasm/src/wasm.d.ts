import { type Backend, type Entry } from '@engine/core';
import * as z from 'zod/mini';
declare const wasmOptions: z.ZodMiniObject<{
    threads: z.ZodMiniDefault<z.ZodMiniUnion<readonly [z.ZodMiniLiteral<"auto">, z.ZodMiniInt]>>;
    simd: z.ZodMiniDefault<z.ZodMiniBoolean<boolean>>;
    path: z.ZodMiniOptional<z.ZodMiniString<string>>;
}, z.core.$strict>;
export interface WasmOptions extends z.input<typeof wasmOptions> {
}
/** What configs and the command line call `wasm`. */
export declare const wasmEntry: Entry<'backend', 'wasm', WasmOptions>;
/**
 * The default backend: WebAssembly on the CPU, in Node and in browsers.
 *
 * Options: `threads` 'auto', `simd` true, `path` that of the installed package. Two at a time must agree in them, for they share one heap.
 * @throws `ENGINE_CORE_BACKEND_UNSUPPORTED` for a number of threads that cannot be, and from `init` when another wasm backend lives with other options
 * @throws `ENGINE_CORE_BACKEND_LOAD_FAILED` from `init` when the files are missing or broken
 */
export declare function wasm(options?: WasmOptions): Backend;
export {};
