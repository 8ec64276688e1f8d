/**
 * The square root of the machine that made the golden numbers. PyTorch takes float32 roots from MKL, which on AMD builds them on the
 * processor's 12-bit reciprocal root without fused operations: one in five differs by a unit in the last place from the one that
 * IEEE 754 asks for. Recorded, and checked against PyTorch for every mantissa, by `tooling/golden/record_root.py`.
 */
import { readFileSync } from 'node:fs';
import { AdamStep, composedKernels, replaceKernel } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

interface Recorded {
  /** Estimates are multiples of this. */
  readonly unit: number;
  /** Neighbouring mantissas that share an estimate. */
  readonly block: number;
  /** For [1, 2), then for [2, 4). */
  readonly estimates: { readonly data: string };
}

const f = Math.fround;
const SMALLEST_NORMAL = 2 ** -126;
let estimateOf: ((x: number) => number) | undefined;

/** The reference's root of one float32. Subnormal numbers and what is not finite have the ordinary one. */
export function referenceRoot(value: number): number {
  if (!(value >= SMALLEST_NORMAL) || value === Number.POSITIVE_INFINITY) return f(Math.sqrt(value));
  estimateOf ??= readEstimates();
  const scale = 2 ** Math.floor(Math.floor(Math.log2(value)) / 2);
  const x = value / scale ** 2; // exact, in [1, 4)
  const estimate = estimateOf(x);
  const first = f(x * estimate);
  const better = f(first + f(f(0.5 * first) * f(1 - f(first * estimate))));
  return f(better + f(f(x - f(better * better)) * f(0.5 * estimate))) * scale;
}

function readEstimates(): (x: number) => number {
  const file = new URL('../../golden/numerics/root.json', import.meta.url);
  const { unit, block, estimates } = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  const bytes = Uint8Array.from(Buffer.from(estimates.data, 'base64'));
  const table = new Uint16Array(bytes.buffer);
  const half = table.length / 2;
  return (x) => {
    const mantissa = (x < 2 ? x - 1 : x / 2 - 1) * 2 ** 23;
    return (table[(x < 2 ? 0 : half) + Math.floor(mantissa / block)] as number) * unit;
  };
}

/** Host access that every backend of TensorFlow.js has. */
interface Storage {
  readSync(dataId: object): Float32Array;
  write(values: Float32Array, shape: number[], dtype: 'float32'): object;
}

const kernelFunc: tf.KernelFunc = ({ inputs, backend }) => {
  const { dataId, shape } = inputs['x'] as tf.TensorInfo;
  const storage = backend as unknown as Storage;
  return {
    dataId: storage.write(storage.readSync(dataId).map(referenceRoot), shape, 'float32'),
    shape,
    dtype: 'float32',
  };
};

/** Does something while the backend in use takes the reference's square roots. */
export async function withReferenceRoot<T>(work: () => Promise<T>): Promise<T> {
  const backend = tf.getBackend();
  // a step of Adam in one piece has a root inside
  const replacements = { [tf.Sqrt]: kernelFunc, [AdamStep]: composedKernels[AdamStep] as tf.KernelFunc };
  const own = Object.keys(replacements).map((name) => [name, tf.getKernel(name, backend).kernelFunc] as const);
  for (const [name, replacement] of Object.entries(replacements)) replaceKernel(name, backend, replacement);
  try {
    return await work();
  } finally {
    for (const [name, previous] of own) replaceKernel(name, backend, previous);
  }
}
