import {
  type Backend,
  type BackendCapabilities,
  type BackendMemory,
  coreErrors,
  defineEntry,
  type Entry,
  registerComposedKernels,
  registerGradients,
} from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { registerChoose } from './choose.js';
import { registerMultiplyAdd } from './multiply-add.js';

const NAME = 'cpu';

const cpuOptions = z.strictObject({});

export interface CpuOptions extends z.input<typeof cpuOptions> {}

/** What configs and the command line call `cpu`. */
export const cpuEntry: Entry<'backend', 'cpu', CpuOptions> = defineEntry<
  'backend',
  'cpu',
  typeof cpuOptions,
  CpuOptions
>('backend', {
  name: 'cpu',
  options: cpuOptions,
  create: () => cpu(),
  module: '@engine/backend-cpu',
  export: 'cpuEntry',
  doc: 'Plain JavaScript: the reference that others are checked against, very slow.',
});

/** The reference backend: plain JavaScript, no binary, one thread; hundreds of times slower than wasm. For checks and tiny models. */
export function cpu(): Backend {
  return new CpuBackend();
}

class CpuBackend implements Backend {
  readonly name = NAME;
  #ready = false;

  async init(): Promise<void> {
    await import('@tensorflow/tfjs-backend-cpu');
    registerGradients();
    registerChoose(NAME);
    registerMultiplyAdd(NAME);
    registerComposedKernels(NAME);
    await tf.setBackend(NAME);
    this.#ready = true;
  }

  get capabilities(): BackendCapabilities {
    this.#check();
    return {
      dtypes: ['float32', 'int32', 'bool'],
      autocast: [],
      compile: false,
      threads: 1,
      devices: ['cpu'],
      features: ['javascript'],
    };
  }

  memory(): BackendMemory {
    this.#check();
    const { numTensors, numBytes } = tf.memory();
    return { numTensors, numBytes };
  }

  /** Kernels are done when they return. */
  async synchronize(): Promise<void> {
    this.#check();
  }

  /** Nothing was taken from the system: tensors are ordinary arrays and stay as long as they are referred to. */
  async dispose(): Promise<void> {
    this.#ready = false;
  }

  #check(): void {
    if (this.#ready) return;
    throw coreErrors.BACKEND_NOT_READY({
      subject: 'backend cpu',
      expected: 'a backend whose init() has resolved',
      received: 'one that is not initialised, or disposed of',
      action: 'await backend.init() first',
    });
  }
}
