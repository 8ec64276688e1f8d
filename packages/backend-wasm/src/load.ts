import { coreErrors, EngineError, type Logger } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { coresInBrowser, loadInBrowser } from './load-browser.js';
import type { Loaded, ResolvedOptions, WasmModule } from './module.js';

const NAME = 'wasm';

const isNode = (): boolean => typeof process === 'object' && process.versions?.node !== undefined;

export async function cores(): Promise<number> {
  return isNode() ? (await import('./load-node.js')).coresInNode() : coresInBrowser();
}

/**
 * Loads the binary and registers it as TensorFlow.js's backend `wasm`. Threads that cannot be had are an error, unless nobody
 * has asked for them (`isAuto`): then there is one, and a warning.
 */
export async function load(
  options: ResolvedOptions,
  { isAuto, logger }: { readonly isAuto: boolean; readonly logger: Logger },
): Promise<Loaded> {
  try {
    return await loadExactly(options);
  } catch (cause) {
    if (!isAuto || options.threads === 1) throw failure(options, cause);
    const single = await load({ ...options, threads: 1 }, { isAuto: false, logger });
    logger.warn(`Backend wasm runs with one thread, for ${options.threads} could not be started: ${reasonOf(cause)}`);
    return single;
  }
}

async function loadExactly(options: ResolvedOptions): Promise<Loaded> {
  const tfjs = await import('@tensorflow/tfjs-backend-wasm');
  const backend = isNode()
    ? await (await import('./load-node.js')).loadInNode(tfjs, options)
    : await loadInBrowser(tfjs, options);
  if (tf.findBackendFactory(NAME) !== null) tf.removeBackend(NAME);
  tf.registerBackend(NAME, () => backend);
  if (!(await tf.setBackend(NAME))) throw failure(options, 'TensorFlow.js could not initialise it');
  const threads = options.threads === 1 ? 1 : tfjs.getThreadsCount();
  const simd = options.simd && (isNode() || tf.env().getBool('WASM_HAS_SIMD_SUPPORT'));
  return { ...options, threads, simd, module: backend.wasm as WasmModule };
}

function failure({ path }: ResolvedOptions, cause: unknown): Error {
  if (cause instanceof EngineError) return cause;
  return coreErrors.BACKEND_LOAD_FAILED({
    subject: 'backend wasm',
    expected: `the files of @tensorflow/tfjs-backend-wasm${path === undefined ? '' : ` in ${path}`}`,
    received: reasonOf(cause),
    action: 'install @tensorflow/tfjs-backend-wasm, or set `path` to where its .wasm files are served',
    cause,
  });
}

/** TensorFlow.js also throws plain objects. */
function reasonOf(cause: unknown): string {
  if (cause instanceof EngineError) return `expected ${cause.expected}, received ${cause.received}`;
  const message = typeof cause === 'object' && cause !== null && 'message' in cause ? cause.message : cause;
  return String(message);
}
