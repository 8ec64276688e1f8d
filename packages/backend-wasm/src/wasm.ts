import {
  type Backend,
  type BackendCapabilities,
  type BackendMemory,
  coreErrors,
  defineEntry,
  type Entry,
  type Logger,
  registerGradients,
  silentLogger,
} from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { registerKernels } from './kernels/register.js';
import { cores, load } from './load.js';
import type { Loaded, ResolvedOptions } from './module.js';

const MAX_AUTO_THREADS = 4;
const MAX_THREADS = 8;

const wasmOptions = z.strictObject({
  /** Threads for convolutions and matrix products. `auto` leaves one core to the rest of the run and takes at most 4. Results do not depend on it. */
  threads: z._default(z.union([z.literal('auto'), z.int().check(z.gte(1), z.lte(MAX_THREADS))]), 'auto'),
  /** Use 128-bit vector instructions. Without them there is one thread; for comparison. */
  simd: z._default(z.boolean(), true),
  /** Folder (Node) or URL prefix ending in `/` (browser) of the `.wasm` files. Default: those of the installed `@tensorflow/tfjs-backend-wasm`. */
  path: z.optional(z.string()),
});

export interface WasmOptions extends z.input<typeof wasmOptions> {}

/** What configs and the command line call `wasm`. */
export const wasmEntry: Entry<'backend', 'wasm', WasmOptions> = defineEntry<
  'backend',
  'wasm',
  typeof wasmOptions,
  WasmOptions
>('backend', {
  name: 'wasm',
  options: wasmOptions,
  create: (options, { logger }) => wasm(options, logger),
  module: '@engine/backend-wasm',
  export: 'wasmEntry',
  doc: 'WebAssembly with SIMD and threads, on the CPU of any machine and in browsers.',
});

const NAME = 'wasm';

/** TensorFlow.js has one backend of a name, so backends of this name that live at the same time share it. */
let live: { readonly wanted: ResolvedOptions; readonly loaded: Loaded; readonly owners: Set<WasmBackend> } | undefined;
let queue: Promise<void> = Promise.resolve();

/**
 * The default backend: WebAssembly on the CPU, in Node and in browsers.
 *
 * Options: `threads` 'auto', `simd` true, `path` that of the installed package. Two at a time must agree in them, for they share one heap;
 * `auto` agrees with any number of threads. `logger` hears when `auto` could have no threads.
 * @throws `ENGINE_CORE_BACKEND_UNSUPPORTED` for a number of threads that cannot be, and from `init` when another wasm backend lives with other options
 * @throws `ENGINE_CORE_BACKEND_LOAD_FAILED` from `init` when the files are missing or broken
 */
export function wasm(options: WasmOptions = {}, logger: Logger = silentLogger): Backend {
  return new WasmBackend(options, logger);
}

class WasmBackend implements Backend {
  readonly name = NAME;
  readonly #options: WasmOptions;
  readonly #logger: Logger;
  #loading: Promise<void> | undefined;
  #ready = false;

  constructor(options: WasmOptions, logger: Logger) {
    checkThreads(options.threads);
    this.#options = options;
    this.#logger = logger;
  }

  async init(): Promise<void> {
    this.#loading ??= this.#load();
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
    await tf.setBackend(NAME);
  }

  get capabilities(): BackendCapabilities {
    const { threads, simd } = this.#live();
    const features = simd ? ['simd'] : [];
    return { dtypes: ['float32', 'int32', 'bool'], autocast: [], compile: false, threads, devices: ['cpu'], features };
  }

  memory(): BackendMemory {
    const { module } = this.#live();
    const { numTensors, numBytes } = tf.memory();
    return { numTensors, numBytes, reservedBytes: module.HEAPU8.byteLength };
  }

  /** Kernels are done when they return. */
  async synchronize(): Promise<void> {
    this.#live();
  }

  async dispose(): Promise<void> {
    if (!this.#ready || live === undefined) return;
    this.#ready = false;
    this.#loading = undefined;
    live.owners.delete(this);
    if (live.owners.size > 0) return;
    live = undefined;
    tf.removeBackend(NAME);
  }

  #live(): Loaded {
    if (this.#ready && live !== undefined) return live.loaded;
    throw coreErrors.BACKEND_NOT_READY({
      subject: 'backend wasm',
      expected: 'a backend whose init() has resolved',
      received: 'one that is not initialised, or disposed of',
      action: 'await backend.init() first',
    });
  }

  /** One after the other: the second of two backends must see what the first has loaded. */
  #load(): Promise<void> {
    const acquired = queue.then(() => this.#acquire());
    queue = acquired.catch(() => {});
    return acquired;
  }

  async #acquire(): Promise<void> {
    const wanted = await resolve(this.#options);
    const isAuto = (this.#options.threads ?? 'auto') === 'auto';
    if (
      live !== undefined &&
      show(isAuto ? { ...wanted, threads: live.wanted.threads } : wanted) !== show(live.wanted)
    ) {
      throw coreErrors.BACKEND_UNSUPPORTED({
        subject: 'backend wasm',
        expected: `the options of the wasm backend that is in use, ${show(live.wanted)}`,
        received: show(wanted),
        action: 'dispose() of that one first, or use the same options',
      });
    }
    if (live === undefined) {
      registerGradients();
      const loaded = await load(wanted, { isAuto, logger: this.#logger });
      registerKernels();
      live = { wanted, loaded, owners: new Set() };
    }
    live.owners.add(this);
    this.#ready = true;
  }
}

const show = ({ threads, simd, path }: ResolvedOptions): string => JSON.stringify({ threads, simd, path });

function checkThreads(threads: WasmOptions['threads']): void {
  if (
    threads === undefined ||
    threads === 'auto' ||
    (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)
  )
    return;
  throw coreErrors.BACKEND_UNSUPPORTED({
    subject: 'backend wasm',
    expected: `threads = 'auto' or an integer from 1 to ${MAX_THREADS}`,
    received: `threads = ${String(threads)}`,
    action: 'leave threads out to use the cores of the machine',
  });
}

async function resolve({ threads = 'auto', simd = true, path }: WasmOptions): Promise<ResolvedOptions> {
  const wanted = threads === 'auto' ? Math.max(1, Math.min(MAX_AUTO_THREADS, (await cores()) - 1)) : threads;
  return { threads: simd ? wanted : 1, simd, path };
}
