import * as tf from '@tensorflow/tfjs-core';
import { viewAs, type WasmHeap } from './heap.js';

/** Columns of the matrix whose rows are summed: wide enough to fill XNNPACK's vectors. */
const TARGET_COLUMNS = 128;
/** XNNPACK's pooling keeps a float for each column on a stack of 64 KiB: with 16384 of them it writes over the allocator's own data. */
const MOST_COLUMNS = 4096;

/**
 * Speeds up sums and means over leading axes (gradients of biases, statistics of batch norm). TensorFlow.js transposes the whole tensor and adds element
 * by element. Here XNNPACK's average pooling adds rows with SIMD; several rows stand side by side, and their partial sums keep rounding errors small.
 */
export function leadingAxesReduction(
  original: tf.KernelFunc,
  averagePool: tf.KernelFunc,
  mean: boolean,
): tf.KernelFunc {
  return (call) => {
    const { x } = call.inputs as { x: tf.TensorInfo };
    const axes = tf.util.parseAxisParam(call.attrs?.['axis'] as number[], x.shape);
    const kept = x.shape.slice(axes.length);
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length));
    const columns = tf.util.sizeFromShape(kept);
    const leads = axes.length > 0 && [...axes].sort((a, b) => a - b).every((axis, i) => axis === i);
    if (!leads || x.dtype !== 'float32' || columns < 2 || rows < 2) return original(call);
    const backend = call.backend as unknown as WasmHeap;
    const shape = call.attrs?.['keepDims'] === true ? [...axes.map(() => 1), ...kept] : kept;
    if (columns > MOST_COLUMNS) return { ...addRows(backend, x, { columns, scale: mean ? 1 / rows : 1 }), shape };
    const groups = groupsFor(rows, columns);
    const means = averageRows(averagePool, viewAs(x, [1, rows / groups, 1, groups * columns]), call.backend);
    const out = addGroups(backend, means, { columns, scale: mean ? 1 / groups : rows / groups });
    return { ...out, shape };
  };
}

/** Mean over the rows of a (1, rows, 1, columns) image. */
function averageRows(averagePool: tf.KernelFunc, image: tf.TensorInfo, backend: object): tf.TensorInfo {
  return averagePool({
    inputs: { x: image },
    backend,
    attrs: { filterSize: [image.shape[1] as number, 1], strides: 1, pad: 'valid' },
  }) as tf.TensorInfo;
}

/** Adds the groups of columns that stand side by side, times `scale`; frees `from`. */
function addGroups(
  backend: WasmHeap,
  from: tf.TensorInfo,
  { columns, scale }: { readonly columns: number; readonly scale: number },
): tf.TensorInfo {
  const out = backend.makeOutput([columns], 'float32');
  const values = backend.typedArrayFromHeap(from);
  const sums = backend.typedArrayFromHeap(out);
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    for (let at = column; at < values.length; at += columns) sum += values[at] as number;
    sums[column] = sum * scale;
  }
  backend.disposeData(from.dataId);
  return out;
}

/** Adds long rows up in double precision, times `scale`. */
function addRows(
  backend: WasmHeap,
  from: tf.TensorInfo,
  { columns, scale }: { readonly columns: number; readonly scale: number },
): tf.TensorInfo {
  const out = backend.makeOutput([columns], 'float32');
  const values = backend.typedArrayFromHeap(from);
  const sums = new Float64Array(columns);
  for (let at = 0; at < values.length; at += columns)
    for (let column = 0; column < columns; column++)
      sums[column] = (sums[column] as number) + (values[at + column] as number);
  const scaled = backend.typedArrayFromHeap(out);
  for (let column = 0; column < columns; column++) scaled[column] = (sums[column] as number) * scale;
  return out;
}

/** A divisor of `rows`, such that as many rows side by side make a matrix of some 128 columns. */
function groupsFor(rows: number, columns: number): number {
  for (let groups = Math.min(rows, Math.ceil(TARGET_COLUMNS / columns)); groups > 1; groups--) {
    if (rows % groups === 0) return groups;
  }
  return 1;
}
