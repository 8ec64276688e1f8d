/** Registers the kernels that training needs over those of TensorFlow.js's wasm backend. Only the first call does anything. */
export declare function registerKernels(): void;
