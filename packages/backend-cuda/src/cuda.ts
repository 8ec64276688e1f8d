import { type Backend, defineEntry, type Entry, type Logger, silentLogger } from '@engine/core';
import { nativeBackend } from '@engine/native/backend';
import * as z from 'zod/mini';

const cudaOptions = z.strictObject({
  /** Threads for what runs on the CPU. `auto` is one a core. TensorFlow makes them once: the first backend of a process decides. */
  threads: z._default(z.union([z.literal('auto'), z.int().check(z.gte(1))]), 'auto'),
  /** Take GPU memory as it is needed instead of all at once. */
  memoryGrowth: z._default(z.boolean(), true),
  /** The part of a GPU's memory that may be used, above 0 up to 1. */
  memoryFraction: z.optional(z.number().check(z.gt(0), z.lte(1))),
  /** Numbers of the GPUs that may be seen, as nvidia-smi counts them; the first is used. Default: all. */
  devices: z.optional(z.array(z.int().check(z.gte(0)))),
});

export interface CudaOptions extends z.input<typeof cudaOptions> {}

/** What configs and the command line call `cuda`. */
export const cudaEntry: Entry<'backend', 'cuda', CudaOptions> = defineEntry<
  'backend',
  'cuda',
  typeof cudaOptions,
  CudaOptions
>('backend', {
  name: 'cuda',
  options: cudaOptions,
  create: (options, { logger }) => cuda(options, logger),
  module: '@engine/backend-cuda',
  export: 'cudaEntry',
  doc: "TensorFlow's own kernels on an NVIDIA GPU. Needs `engine backend install cuda` once.",
});

/**
 * TensorFlow's kernels on an NVIDIA GPU; where no GPU is seen they compute on the CPU, with a warning to the logger.
 *
 * Options: `threads` 'auto', `memoryGrowth` true, `memoryFraction` all, `devices` all.
 * @throws `ENGINE_CORE_BACKEND_UNSUPPORTED` for a number of threads that cannot be; from `init` `ENGINE_NATIVE_NO_LIBRARY`,
 * `ENGINE_NATIVE_NO_FFI`, `ENGINE_NATIVE_LOAD_FAILED`, `ENGINE_NATIVE_THREADS_FIXED`
 */
export function cuda(options: CudaOptions = {}, logger: Logger = silentLogger): Backend {
  const { threads, memoryGrowth, memoryFraction, devices } = options;
  return nativeBackend({
    name: 'cuda',
    threads,
    gpuGrowth: memoryGrowth,
    gpuMemoryFraction: memoryFraction,
    gpus: devices,
    logger,
  });
}
