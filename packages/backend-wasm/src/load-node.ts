/** Loads the wasm binary in Node, with threads: TensorFlow.js leaves both to the browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { ResolvedOptions, WasmModule } from './module.js';

type Factory = (settings: Record<string, unknown>) => Promise<WasmModule>;
type TfjsWasm = typeof import('@tensorflow/tfjs-backend-wasm');

const require = createRequire(import.meta.url);
const NAME = 'tfjs-backend-wasm';

export const coresInNode = (): number => os.availableParallelism();

/** Makes the backend object of TensorFlow.js; its threads do not keep the process alive. */
export async function loadInNode(tfjs: TfjsWasm, options: ResolvedOptions): Promise<BackendWasm> {
  const installed = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out');
  const variant = options.threads > 1 ? '-threaded-simd' : options.simd ? '-simd' : '';
  const wasmBinary = readFileSync(join(options.path ?? installed, `${NAME}${variant}.wasm`));
  const listeners = rememberListeners();
  try {
    return options.threads > 1
      ? await loadThreaded(tfjs, { installed, wasmBinary, threads: options.threads })
      : await loadSingle(tfjs, installed, wasmBinary);
  } finally {
    listeners.restore();
  }
}

function factoryOf(file: string): Factory {
  const loaded = require(file) as Factory | { default: Factory };
  return typeof loaded === 'function' ? loaded : loaded.default;
}

async function loadSingle(tfjs: TfjsWasm, installed: string, wasmBinary: Uint8Array): Promise<BackendWasm> {
  const module = await factoryOf(join(installed, `${NAME}.js`))({ wasmBinary });
  tfjs.setThreadsCount(1);
  return new tfjs.BackendWasm(withBridge(module));
}

interface Threaded {
  readonly installed: string;
  readonly wasmBinary: Uint8Array;
  readonly threads: number;
}

async function loadThreaded(tfjs: TfjsWasm, { installed, wasmBinary, threads }: Threaded): Promise<BackendWasm> {
  const script = join(installed, `${NAME}-threaded-simd.js`);
  const { wasmWorkerContents } = require(join(installed, `${NAME}-threaded-simd.worker.js`)) as {
    wasmWorkerContents: string;
  };
  const temporary = mkdtempSync(join(os.tmpdir(), 'engine-wasm-'));
  const globalWorker = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  try {
    const worker = join(temporary, 'worker.cjs');
    writeFileSync(worker, wasmWorkerContents.replaceAll('\n', '\\n')); // the line breaks inside its strings
    const backend = await withCores(2 * threads, async () => {
      const module = await factoryOf(script)({
        wasmBinary,
        mainScriptUrlOrBlob: script,
        locateFile: (file: string) => (file.endsWith('.worker.js') ? worker : join(installed, file)),
      });
      tfjs.setThreadsCount(threads);
      return new tfjs.BackendWasm(withBridge(module));
    });
    releaseWorkers(backend.wasm as WasmModule);
    return backend;
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }); // on Windows a file in use cannot be removed
    restoreGlobalWorker(globalWorker);
  }
}

/** The binary asks for the number of cores when it starts, and takes at most half of them: on two cores it would have one thread. */
async function withCores<T>(count: number, make: () => Promise<T>): Promise<T> {
  const { cpus } = os;
  const [first] = cpus();
  os.cpus = () => Array.from({ length: count }, () => first as os.CpuInfo);
  syncBuiltinESMExports();
  try {
    return await make();
  } finally {
    os.cpus = cpus;
    syncBuiltinESMExports();
  }
}

/** Emscripten starts eight workers whatever the number of threads: those without work end, the others do not hold the process. */
function releaseWorkers({ PThread }: WasmModule): void {
  if (PThread === undefined) return;
  for (const worker of PThread.runningWorkers) worker.unref();
  for (const worker of PThread.unusedWorkers) worker.terminate();
  PThread.unusedWorkers = [];
}

/** Emscripten sets `globalThis.Worker` in Node; other libraries take its presence for a browser. */
function restoreGlobalWorker(previous: PropertyDescriptor | undefined): void {
  if (previous !== undefined) Object.defineProperty(globalThis, 'Worker', previous);
  else Reflect.deleteProperty(globalThis, 'Worker');
}

/** Emscripten's modules rethrow uncaught errors from listeners of their own, which would change how the process dies. */
function rememberListeners(): { restore(): void } {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = new Map(
    events.map((event) => [event, new Set<unknown>(process.listeners(event as 'uncaughtException'))]),
  );
  return {
    restore() {
      for (const event of events) {
        for (const listener of process.listeners(event as 'uncaughtException')) {
          if (before.get(event)?.has(listener) !== true) process.removeListener(event, listener);
        }
      }
    },
  };
}

/** The functions through which TensorFlow.js talks to a module. */
function withBridge(module: WasmModule): WasmModule {
  const { cwrap } = module;
  module.tfjs = {
    init: cwrap('init', null, []),
    initWithThreadsCount: cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: cwrap('get_threads_count', 'number', []),
    registerTensor: cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: cwrap('dispose_data', null, ['number']),
    dispose: cwrap('dispose', null, []),
  };
  return module;
}
