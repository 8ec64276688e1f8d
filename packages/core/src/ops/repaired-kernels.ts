/** What TensorFlow.js's kernels get wrong whatever the backend, set right around them. */
import * as tf from '@tensorflow/tfjs-core';
import { type ConvAttrs, explicitPads } from '../gradients/convolution.js';
import { sizeOf } from '../host-array.js';
import { composedEinsum } from './einsum.js';

const repaired = new WeakSet<tf.KernelFunc>();

/** Puts `kernelFunc` in the place of a backend's kernel (keeping its set-up), or beside its others where it has none of that name. */
export function replaceKernel(kernelName: string, backendName: string, kernelFunc: tf.KernelFunc): void {
  const previous = tf.getKernel(kernelName, backendName);
  if (previous !== undefined) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...previous, kernelName, backendName, kernelFunc });
}

type Repair = (inputs: tf.NamedTensorInfoMap, attrs: Readonly<Record<string, unknown>>) => object;

/** Corrects the attributes that a kernel is called with. */
function repair(kernelName: string, backendName: string, correct: Repair): void {
  const previous = tf.getKernel(kernelName, backendName)?.kernelFunc;
  if (previous === undefined || repaired.has(previous)) return;
  const kernelFunc: tf.KernelFunc = (call) =>
    previous({ ...call, attrs: { ...call.attrs, ...correct(call.inputs, call.attrs ?? {}) } as tf.NamedAttrMap });
  repaired.add(kernelFunc);
  replaceKernel(kernelName, backendName, kernelFunc);
}

const shapeOf = (inputs: tf.NamedTensorInfoMap, name: string): number[] => inputs[name]?.shape ?? [];

/** Kernels read and write outside of the tensor when the axis is negative. */
const axisFromZero: Repair = (inputs, attrs) => {
  const axis = Number(attrs['axis']);
  return { axis: axis < 0 ? axis + shapeOf(inputs, 'x').length : axis };
};

const einsum: tf.KernelFunc = ({ inputs, attrs }) =>
  composedEinsum(Object.values(inputs as Record<string, tf.Tensor>), String(attrs?.['equation']));

/** Cuts without dropping axes, which kernels get wrong, and drops them afterwards. */
function repairStridedSlice(backendName: string): void {
  const previous = tf.getKernel(tf.StridedSlice, backendName)?.kernelFunc;
  if (previous === undefined || repaired.has(previous)) return;
  const kernelFunc: tf.KernelFunc = (call) => {
    const given = call.attrs as unknown as tf.StridedSliceAttrs;
    const { finalShape, begin, end, strides } = tf.slice_util.sliceInfo(
      shapeOf(call.inputs, 'x'),
      given.begin,
      given.end,
      given.strides,
      given.beginMask,
      given.endMask,
      given.ellipsisMask,
      given.newAxisMask,
      given.shrinkAxisMask,
    );
    // a falling cut that goes on to the first element ends at -1, which would be read as the last
    const endMask = end.reduce((mask, at, axis) => (at < 0 ? mask + 2 ** axis : mask), 0);
    const masks = { beginMask: 0, endMask, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
    const cut = previous({ ...call, attrs: { begin, end, strides, ...masks } }) as tf.TensorInfo;
    return { dataId: cut.dataId, dtype: cut.dtype, shape: finalShape };
  };
  repaired.add(kernelFunc);
  replaceKernel(tf.StridedSlice, backendName, kernelFunc);
}

/** Spells repeated batch axes out, unless one of the operands is the same for all. */
function repairBatches(backendName: string): void {
  const previous = tf.getKernel(tf.BatchMatMul, backendName)?.kernelFunc;
  if (previous === undefined || repaired.has(previous)) return;
  const kernelFunc: tf.KernelFunc = (call) => {
    const { a, b } = call.inputs as Record<'a' | 'b', tf.Tensor>;
    const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    const isPlain = [batchA, batchB].every((each) => sizeOf(each) === 1 || sizeOf(each) === sizeOf(batch));
    if (isPlain) return previous(call);
    const whole = (x: tf.Tensor): tf.Tensor => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    const { transposeA, transposeB } = call.attrs as unknown as tf.BatchMatMulAttrs;
    return tf.tidy(() => tf.matMul(whole(a), whole(b), transposeA, transposeB));
  };
  repaired.add(kernelFunc);
  replaceKernel(tf.BatchMatMul, backendName, kernelFunc);
}

type Shapes = (
  inputs: tf.NamedTensorInfoMap,
  attrs: Readonly<Record<string, unknown>>,
) => readonly [image: readonly number[], filter: readonly number[]];

const pooled =
  (name: string): Shapes =>
  (inputs, attrs) => {
    const [height, width] = [attrs['filterSize']].flat() as [number, number?];
    return [shapeOf(inputs, name), [height, width ?? height, 1, 1]];
  };

/** Where a kernel finds its geometry. */
const windows: Readonly<Record<string, Shapes>> = {
  [tf.Conv2D]: (inputs) => [shapeOf(inputs, 'x'), shapeOf(inputs, 'filter')],
  [tf.Conv2DBackpropFilter]: (inputs, attrs) => [shapeOf(inputs, 'x'), attrs['filterShape'] as number[]],
  [tf.Conv2DBackpropInput]: (inputs, attrs) => [attrs['inputShape'] as number[], shapeOf(inputs, 'filter')],
  [tf.DepthwiseConv2dNative]: (inputs) => [shapeOf(inputs, 'x'), shapeOf(inputs, 'filter')],
  [tf.DepthwiseConv2dNativeBackpropFilter]: (inputs, attrs) => [shapeOf(inputs, 'x'), attrs['filterShape'] as number[]],
  [tf.DepthwiseConv2dNativeBackpropInput]: (inputs, attrs) => [
    attrs['inputShape'] as number[],
    shapeOf(inputs, 'filter'),
  ],
  [tf.MaxPool]: pooled('x'),
  [tf.MaxPoolGrad]: pooled('input'),
  [tf.AvgPool]: pooled('x'),
  [tf.AvgPoolGrad]: pooled('input'),
};

/**
 * Repairs the kernels of one backend; once is enough, more do nothing.
 *
 * - A number as padding: the output's width is computed from the window's height, and wasm then writes outside of its memory.
 * - `same` with a stride larger than the window: wasm gives wrong values.
 * - Running sums and products along a negative axis.
 * - Einsum: fails for outer products.
 * - Strided slices that drop an axis: the others are cut at the wrong places.
 * - Batches of matrices of which both are repeated: the wrong ones are multiplied.
 */
export function repairKernels(backendName: string): void {
  if (tf.getKernel(tf.Einsum, backendName)?.kernelFunc !== einsum) replaceKernel(tf.Einsum, backendName, einsum);
  repairBatches(backendName);
  repairStridedSlice(backendName);
  for (const kernelName of [tf.Cumsum, tf.Cumprod]) repair(kernelName, backendName, axisFromZero);
  for (const [kernelName, shapes] of Object.entries(windows)) {
    repair(kernelName, backendName, (inputs, attrs) => {
      const [image, filter] = shapes(inputs, attrs);
      return { pad: explicitPads(image, filter, attrs as unknown as ConvAttrs) };
    });
  }
}
