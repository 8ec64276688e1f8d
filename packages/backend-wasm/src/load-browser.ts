/** Loads the wasm binary in a browser, by TensorFlow.js's own loader. */
import { coreErrors } from '@engine/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { ResolvedOptions } from './module.js';

const [SIMD, THREADS] = ['WASM_HAS_SIMD_SUPPORT', 'WASM_HAS_MULTITHREAD_SUPPORT'];

type Factory = () => BackendWasm | Promise<BackendWasm>;
let makeBackend: Factory | undefined;
let supported: Promise<{ readonly simd: boolean; readonly threads: boolean }> | undefined;

export const coresInBrowser = (): number =>
  (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;

/** Makes the backend object of TensorFlow.js. @throws `ENGINE_CORE_BACKEND_UNSUPPORTED` for threads where the page may not have any */
export async function loadInBrowser(
  tfjs: typeof import('@tensorflow/tfjs-backend-wasm'),
  { threads, simd, path }: ResolvedOptions,
): Promise<BackendWasm> {
  const browser = await (supported ??= detect());
  if (threads > 1 && !browser.threads) {
    throw coreErrors.BACKEND_UNSUPPORTED({
      subject: 'backend wasm',
      expected: 'threads = 1 in this page, which may not share memory between threads',
      received: `threads = ${threads}`,
      action:
        'serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave threads out',
    });
  }
  if (path !== undefined) tfjs.setWasmPaths(path);
  tf.env().set(SIMD, browser.simd && simd);
  tf.env().set(THREADS, threads > 1);
  tfjs.setThreadsCount(threads);
  makeBackend ??= tf.findBackendFactory('wasm') as Factory; // registered by the import of tfjs-backend-wasm; ours replaces it
  return makeBackend();
}

/** What this browser and this page can do, asked before the answers are overwritten. */
async function detect(): Promise<{ simd: boolean; threads: boolean }> {
  const [simd, threads] = await Promise.all([tf.env().getAsync(SIMD), tf.env().getAsync(THREADS)]);
  return { simd: simd === true, threads: simd === true && threads === true };
}
