/** What a backend can do, known after `init`. */
export interface BackendCapabilities {
  /** Element types of device tensors. */
  readonly dtypes: readonly ('float32' | 'int32' | 'bool')[];
  /** Reduced precisions that an autocast region may use; empty where there is none. */
  readonly autocast: readonly ('float16' | 'bfloat16')[];
  readonly compile: boolean;
  readonly threads: number;
  /** Human-readable device names, e.g. `cpu`. */
  readonly devices: readonly string[];
  /** Short facts for the banner, e.g. `simd`. */
  readonly features: readonly string[];
}

/** Figures for flatness checks and log lines. */
export interface BackendMemory {
  readonly numTensors: number;
  /** Bytes in live tensors. */
  readonly numBytes: number;
  /** Bytes the backend has taken from the system, where known. */
  readonly reservedBytes?: number;
}

/** Runs TensorFlow.js ops. A backend knows nothing of models, optimizers or runs. */
export interface Backend {
  readonly name: string;
  /** Loads what is needed, registers kernels and gradients, and becomes TensorFlow.js's current backend. May be called again; then it only becomes current. */
  init(): Promise<void>;
  /** Throws `ENGINE_CORE_BACKEND_NOT_READY` before `init`. */
  readonly capabilities: BackendCapabilities;
  /**
   * Runs `run` in a region where ops may compute in `dtype` (matrix products and convolutions usually do, their gradients too). Tensors stay
   * float32. There where `capabilities.autocast` is not empty. Synchronous; `dtype` is one of `capabilities.autocast`.
   */
  autocast?<T>(dtype: 'float16' | 'bfloat16', run: () => T): T;
  memory(): BackendMemory;
  /** Gives memory that is kept for later use, and in no tensor now, back to the system. There where the backend keeps any. */
  emptyCache?(): void;
  /** Resolves when everything dispatched so far has been computed. */
  synchronize(): Promise<void>;
  /** Frees what `init` took (threads, memory). The backend's tensors are gone afterwards. */
  dispose(): Promise<void>;
}

declare module './kinds.js' {
  interface Kinds {
    backend: Backend;
  }
}
