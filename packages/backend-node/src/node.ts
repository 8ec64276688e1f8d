import { type Backend, defineEntry, type Entry, type Logger, silentLogger } from '@engine/core';
import { nativeBackend } from '@engine/native/backend';
import * as z from 'zod/mini';

const nodeOptions = z.strictObject({
  /** Threads for the inside of ops. `auto` is one a core. TensorFlow makes them once: the first backend of a process decides. */
  threads: z._default(z.union([z.literal('auto'), z.int().check(z.gte(1))]), 'auto'),
});

export interface NodeOptions extends z.input<typeof nodeOptions> {}

/** What configs and the command line call `node`. */
export const nodeEntry: Entry<'backend', 'node', NodeOptions> = defineEntry<
  'backend',
  'node',
  typeof nodeOptions,
  NodeOptions
>('backend', {
  name: 'node',
  options: nodeOptions,
  create: (options, { logger }) => node(options, logger),
  module: '@engine/backend-node',
  export: 'nodeEntry',
  doc: "TensorFlow's own kernels on the CPU: the fastest backend in Node. Needs `engine backend install node` once.",
});

/**
 * TensorFlow's kernels on the CPU. The library is looked for in `TENSORFLOW_LIB_DIR`, in what `engine backend install node` has
 * put into the cache, and in the active Python environment.
 *
 * Options: `threads` 'auto'.
 * @throws `ENGINE_CORE_BACKEND_UNSUPPORTED` for a number of threads that cannot be; from `init` `ENGINE_NATIVE_NO_LIBRARY`,
 * `ENGINE_NATIVE_NO_FFI`, `ENGINE_NATIVE_LOAD_FAILED`, `ENGINE_NATIVE_THREADS_FIXED`
 */
export function node(options: NodeOptions = {}, logger: Logger = silentLogger): Backend {
  return nativeBackend({ name: 'node', ...options, logger });
}
