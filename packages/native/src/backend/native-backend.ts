import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import {
  type Backend,
  type BackendCapabilities,
  type BackendMemory,
  coreErrors,
  type Logger,
  silentLogger,
} from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ContextOptions } from '../config-proto.js';
import { driverProblem, driverVersion } from '../driver.js';
import { nativeErrors } from '../errors.js';
import { requireLibrary } from '../find-library.js';
import type { Flavour } from '../flavours.js';
import { TensorFlow } from '../tensor-flow.js';
import { type LowPrecision, NativeKernelBackend } from './kernel-backend.js';
import { registerKernels } from './register.js';

export interface NativeBackendOptions extends Omit<ContextOptions, 'threads'> {
  /** TensorFlow.js's name of the backend, and which library it needs. */
  readonly name: Flavour;
  /** Threads within an op. `auto`: one a core. The first backend of a process decides for all. */
  readonly threads?: number | 'auto' | undefined;
  readonly logger?: Logger | undefined;
}

/** TensorFlow makes its threads once a process. */
let processThreads: number | undefined;

interface Live {
  readonly kernels: NativeKernelBackend;
  readonly owners: Set<NativeBackend>;
}
const live = new Map<string, Live>();

/**
 * A backend over a TensorFlow library that is found by `findLibrary`.
 * @throws `ENGINE_NATIVE_NO_LIBRARY`, `ENGINE_NATIVE_NO_FFI`, `ENGINE_NATIVE_LOAD_FAILED`, `ENGINE_NATIVE_THREADS_FIXED` from `init`
 */
export function nativeBackend(options: NativeBackendOptions): Backend {
  return new NativeBackend(options);
}

class NativeBackend implements Backend {
  readonly name: string;
  readonly #options: NativeBackendOptions;
  #ready = false;

  constructor(options: NativeBackendOptions) {
    const { name, threads = 'auto' } = options;
    if (threads !== 'auto' && !(Number.isInteger(threads) && threads >= 1)) throw badThreads(name, threads);
    this.name = name;
    this.#options = options;
  }

  async init(): Promise<void> {
    if (!this.#ready) this.#acquire();
    await tf.setBackend(this.name);
  }

  get capabilities(): BackendCapabilities {
    const { runtime } = this.#live().kernels;
    const isGpu = runtime.device.type === 'GPU';
    return {
      dtypes: ['float32', 'int32', 'bool'],
      autocast: ['bfloat16', 'float16'],
      compile: false,
      threads: processThreads as number,
      devices: runtime.devices.filter(({ type }) => type === runtime.device.type).map(({ name }) => shortName(name)),
      features: [`TensorFlow ${runtime.version}`, ...(isGpu ? ['cuda'] : [])],
    };
  }

  /** Matrix products and convolutions compute in `dtype`, sums inside of them in float32; everything else, and every tensor, stays float32. */
  autocast<T>(dtype: LowPrecision, run: () => T): T {
    return this.#live().kernels.autocast(dtype, run);
  }

  memory(): BackendMemory {
    this.#live();
    const { numTensors, numBytes } = tf.memory();
    return { numTensors, numBytes };
  }

  /** Prepared kernels, and freed host memory that the C library keeps. A GPU's memory stays with TensorFlow, which has no call to give it back. */
  emptyCache(): void {
    this.#live().kernels.runtime.emptyCache();
  }

  async synchronize(): Promise<void> {
    this.#live().kernels.runtime.wait();
  }

  async dispose(): Promise<void> {
    const shared = live.get(this.name);
    if (!this.#ready || shared === undefined) return;
    this.#ready = false;
    shared.owners.delete(this);
    if (shared.owners.size > 0) return;
    live.delete(this.name);
    tf.removeBackend(this.name);
  }

  #live(): Live {
    const shared = live.get(this.name);
    if (this.#ready && shared !== undefined) return shared;
    throw coreErrors.BACKEND_NOT_READY({
      subject: `backend ${this.name}`,
      expected: 'a backend whose init() has resolved',
      received: 'one that is not initialised, or disposed of',
      action: 'await backend.init() first',
    });
  }

  #acquire(): void {
    const { threads = 'auto' } = this.#options;
    const wanted = threads === 'auto' ? (processThreads ?? availableParallelism()) : threads;
    if (processThreads !== undefined && processThreads !== wanted) throw threadsFixed(this.name, wanted);
    let shared = live.get(this.name);
    if (shared === undefined) {
      const { logger = silentLogger, name, gpuGrowth = true, gpuMemoryFraction, gpus } = this.#options;
      const runtime = new TensorFlow(requireLibrary(name), { threads: wanted, gpuGrowth, gpuMemoryFraction, gpus });
      if (name === 'cuda' && runtime.device.type !== 'GPU')
        logger.warn(`Backend cuda sees no GPU and computes on the CPU; ${reasonOf(driverText())}.`);
      processThreads = wanted;
      registerKernels(name);
      const kernels = new NativeKernelBackend(runtime);
      if (tf.findBackendFactory(name) !== null) tf.removeBackend(name);
      tf.registerBackend(name, () => kernels);
      shared = { kernels, owners: new Set() };
      live.set(name, shared);
    }
    shared.owners.add(this);
    this.#ready = true;
  }
}

const DRIVER_FILE = '/proc/driver/nvidia/version';
const driverText = (): string => (existsSync(DRIVER_FILE) ? readFileSync(DRIVER_FILE, 'utf8') : '');

/** Why TensorFlow sees no GPU, as far as the driver's own words tell. */
export function reasonOf(driver: string): string {
  const version = driverVersion(driver);
  const problem = version === undefined ? undefined : driverProblem(version);
  if (problem === undefined) return '`engine backend doctor` says why';
  return `${problem.code}: driver ${problem.received}, expected ${problem.expected}: ${problem.action}`;
}

/** `cpu:0` of `/job:localhost/replica:0/task:0/device:CPU:0`. */
const shortName = (name: string): string => name.replace(/^.*\/device:/, '').toLowerCase();

function threadsFixed(name: string, wanted: number): Error {
  return nativeErrors.THREADS_FIXED({
    subject: `backend ${name}`,
    expected: `threads = ${processThreads}, the number that this process already runs TensorFlow with`,
    received: `threads = ${wanted}`,
    action: "use the same number everywhere, or threads: 'auto', or another process",
  });
}

function badThreads(name: string, threads: unknown): Error {
  return coreErrors.BACKEND_UNSUPPORTED({
    subject: `backend ${name}`,
    expected: "threads = 'auto' or an integer from 1 up",
    received: `threads = ${String(threads)}`,
    action: 'leave threads out to use the cores of the machine',
  });
}
