import * as tf from '@tensorflow/tfjs-core';
import { single } from './axes.js';
import { type ConvAttrs, explicitPads } from './convolution.js';

type Shape4D = [number, number, number, number];

/**
 * TensorFlow.js divides a window's sum by the number of its elements inside the image, but in the gradient always by the size of the
 * window. Where windows reach over the border, dy is scaled by what they lack.
 */
export const avgPoolGradient: tf.GradConfig = {
  kernelName: tf.AvgPool,
  inputsToSave: ['x'],
  gradFunc: (dyOrList, saved, named) => {
    const [x] = saved as [tf.Tensor4D];
    const { filterSize, strides, dimRoundingMode } = named as unknown as tf.AvgPoolAttrs;
    const window = [filterSize].flat() as [number, number?];
    const pads = explicitPads(x.shape, [window[0], window[1] ?? window[0]], named as unknown as ConvAttrs);
    const info = tf.backend_util.computePool2DInfo(x.shape as Shape4D, filterSize, strides, 1, pads, dimRoundingMode);
    const { top, bottom, left, right } = info.padInfo;
    const dy = single(dyOrList);
    const scaled = top + bottom + left + right === 0 ? () => dy : () => tf.mul(dy, borderScale(info));
    return { x: () => tf.engine().runKernel(tf.AvgPoolGrad, { dy: scaled(), input: x }, named) };
  },
};

/** Size of a window over the number of its elements that lie inside the image, (outHeight, outWidth, 1). */
function borderScale(info: tf.backend_util.Conv2DInfo): tf.Tensor {
  const rows = scalesAlong({
    count: info.outHeight,
    stride: info.strideHeight,
    before: info.padInfo.top,
    size: info.filterHeight,
    extent: info.inHeight,
  });
  const columns = scalesAlong({
    count: info.outWidth,
    stride: info.strideWidth,
    before: info.padInfo.left,
    size: info.filterWidth,
    extent: info.inWidth,
  });
  return tf.mul(tf.tensor(rows, [rows.length, 1, 1]), tf.tensor(columns, [columns.length, 1]));
}

type Axis = Readonly<Record<'count' | 'stride' | 'before' | 'size' | 'extent', number>>;

function scalesAlong({ count, stride, before, size, extent }: Axis): number[] {
  return Array.from({ length: count }, (_, i) => {
    const from = i * stride - before;
    return size / (Math.min(extent, from + size) - Math.max(0, from));
  });
}
