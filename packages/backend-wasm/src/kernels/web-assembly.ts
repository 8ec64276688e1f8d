/** The part of the platform's `WebAssembly` that is used here: TypeScript declares it with the DOM only. */
export interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

/** Memory of a WebAssembly module. Its buffer is another after it has grown. */
export interface Memory {
  readonly buffer: object;
}

export const wasm: WebAssemblyApi = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
