import type * as tf from '@tensorflow/tfjs-core';
import { viewAs, type WasmHeap } from './heap.js';

/** Elements of the repeated operand: long enough for SIMD, short enough to stay in the first-level cache. */
const TARGET = 2048;

/**
 * Speeds up `(..., C) op (C)`, in either order. XNNPACK takes such a row at a time, which is slow for short rows (a bias over
 * 6 channels: 15 times slower than without broadcasting). So the short operand is repeated until its rows are long.
 */
export function rowBroadcast(original: tf.KernelFunc): tf.KernelFunc {
  return (call) => {
    const { a, b } = call.inputs as Record<'a' | 'b', tf.TensorInfo>;
    const backend = call.backend as unknown as WasmHeap;
    const [long, short] = sizeOf(a) >= sizeOf(b) ? [a, b] : [b, a];
    const repeats = repeatsFor(long, short);
    if (repeats === 1) return original(call);
    const width = sizeOf(short) * repeats;
    const repeated = repeat(backend, short, repeats);
    const rows = viewAs(long, [sizeOf(long) / width, width]);
    const out = original({
      ...call,
      inputs: long === a ? { a: rows, b: repeated } : { a: repeated, b: rows },
    }) as tf.TensorInfo;
    backend.disposeData(repeated.dataId);
    return { ...out, shape: long.shape };
  };
}

const sizeOf = ({ shape }: tf.TensorInfo): number => shape.reduce((size, extent) => size * extent, 1);

/** How often `short` is to be repeated; 1 leaves the op to the original kernel. */
function repeatsFor(long: tf.TensorInfo, short: tf.TensorInfo): number {
  const width = sizeOf(short);
  if (
    long.dtype !== 'float32' ||
    short.dtype !== 'float32' ||
    width < 2 ||
    width * 2 > TARGET ||
    !isTrailing(long.shape, short.shape)
  )
    return 1;
  const rows = sizeOf(long) / width;
  for (let repeats = Math.min(rows, Math.floor(TARGET / width)); repeats > 1; repeats--) {
    if (rows % repeats === 0) return repeats;
  }
  return 1;
}

/** Whether `short`, without its leading ones, is the end of `long`. */
function isTrailing(long: readonly number[], short: readonly number[]): boolean {
  if (short.length > long.length) return false;
  const first = short.findIndex((extent) => extent !== 1);
  const tail = first === -1 ? [] : short.slice(first);
  return tail.every((extent, i) => long[long.length - tail.length + i] === extent);
}

function repeat(backend: WasmHeap, short: tf.TensorInfo, repeats: number): tf.TensorInfo {
  const width = sizeOf(short);
  const repeated = backend.makeOutput([width * repeats], 'float32');
  const values = backend.typedArrayFromHeap(short);
  const target = backend.typedArrayFromHeap(repeated);
  target.set(values);
  for (let filled = width; filled < target.length; filled *= 2)
    target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
  return repeated;
}
