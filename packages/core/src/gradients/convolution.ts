import * as tf from '@tensorflow/tfjs-core';
import { coreErrors } from '../errors-table.js';
import { single } from './axes.js';
import {
  type ConvInfo,
  conv2dFilterGradient,
  conv2dInputGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
} from './convolution-math.js';

/** What the convolution kernels have in common among their attributes. */
export interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly dilations?: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4D = [number, number, number, number];

export interface ConvShapes {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly depthwise: boolean;
}

/** Geometry of an NHWC convolution. @throws `ENGINE_CORE_BACKEND_UNSUPPORTED` for NCHW. */
export function convInfo({ x, filter, depthwise }: ConvShapes, attrs: ConvAttrs): ConvInfo {
  if (attrs.dataFormat === 'NCHW') {
    throw coreErrors.BACKEND_UNSUPPORTED({
      subject: 'gradient of a convolution',
      expected: 'dataFormat = NHWC',
      received: 'dataFormat = NCHW',
      action: 'transpose the images to (N, H, W, C), the layout of the whole engine',
    });
  }
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    explicitPads(x, filter, attrs),
    attrs.dimRoundingMode,
    depthwise,
  );
}

/** The same padding, spelled out in zeros before and after; `valid` where there are none. */
export function explicitPads(
  image: readonly number[],
  filter: readonly number[],
  attrs: ConvAttrs,
): 'valid' | tf.backend_util.ExplicitPadding {
  const { strides, dilations = 1, pad, dataFormat = 'NHWC' } = attrs;
  if (pad === 'valid' || pad === 0) return 'valid';
  if (typeof pad === 'object') return pad;
  if (typeof pad === 'number') return spelledOut([pad, pad], [pad, pad], dataFormat);
  const at = dataFormat === 'NHWC' ? 1 : 2;
  const along = (axis: 0 | 1): [number, number] => {
    const stride = [strides].flat()[axis] ?? ([strides].flat()[0] as number);
    const dilation = [dilations].flat()[axis] ?? ([dilations].flat()[0] as number);
    const extent = image[at + axis] as number;
    const missing = Math.max(
      0,
      (Math.ceil(extent / stride) - 1) * stride + ((filter[axis] as number) - 1) * dilation + 1 - extent,
    );
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  };
  return spelledOut(along(0), along(1), dataFormat);
}

type Sides = [before: number, after: number];

function spelledOut(
  rows: Sides,
  columns: Sides,
  dataFormat: 'NHWC' | 'NCHW',
): 'valid' | tf.backend_util.ExplicitPadding {
  if (Math.max(...rows, ...columns) === 0) return 'valid';
  return dataFormat === 'NHWC' ? [[0, 0], rows, columns, [0, 0]] : [[0, 0], [0, 0], rows, columns];
}

const isDilated = ({ dilations = 1 }: ConvAttrs): boolean => [dilations].flat().some((dilation) => dilation !== 1);

function runKernel(name: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);
}

/** As TensorFlow.js's, and dilated ones too. */
export const conv2dGradient: tf.GradConfig = {
  kernelName: tf.Conv2D,
  inputsToSave: ['x', 'filter'],
  gradFunc: (dyOrList, saved, named) => {
    const dy = single(dyOrList) as tf.Tensor4D;
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const attrs = named as unknown as ConvAttrs;
    if (isDilated(attrs)) {
      const info = convInfo({ x: x.shape, filter: filter.shape, depthwise: false }, attrs);
      return { x: () => conv2dInputGradient(dy, filter, info), filter: () => conv2dFilterGradient(x, dy, info) };
    }
    return {
      x: () => runKernel(tf.Conv2DBackpropInput, { dy, filter }, { ...attrs, inputShape: x.shape }),
      filter: () => runKernel(tf.Conv2DBackpropFilter, { x, dy }, { ...attrs, filterShape: filter.shape }),
    };
  },
};

/** As TensorFlow.js's, and dilated ones too. */
export const depthwiseConv2dGradient: tf.GradConfig = {
  kernelName: tf.DepthwiseConv2dNative,
  inputsToSave: ['x', 'filter'],
  gradFunc: (dyOrList, saved, named) => {
    const dy = single(dyOrList) as tf.Tensor4D;
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const attrs = { dilations: 1, ...(named as unknown as ConvAttrs) };
    if (isDilated(attrs)) {
      const info = convInfo({ x: x.shape, filter: filter.shape, depthwise: true }, attrs);
      return { x: () => depthwiseInputGradient(dy, filter, info), filter: () => depthwiseFilterGradient(x, dy, info) };
    }
    return {
      x: () => runKernel(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, { ...attrs, inputShape: x.shape }),
      filter: () =>
        runKernel(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy }, { ...attrs, filterShape: filter.shape }),
    };
  },
};
