import { composedKernels, coreErrors } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Handle } from '../../tensor-flow.js';
import { type Compute, input, intList, type KernelCall, type Kernels, T_FLOAT, text } from '../kernel.js';
import { convWindow, padded, paddedShape, unpadded, type Window, windowAttributes } from '../window.js';
import { finish } from './matrices.js';

function attributesOf(window: Window, type: Attribute = T_FLOAT): Attribute[] {
  return [type, ...windowAttributes(window), text('data_format', 'NHWC')];
}

const dilationsOf = ({ dilations }: Window): Attribute => intList('dilations', [1, ...dilations, 1]);

function checkLayout({ attrs }: KernelCall): void {
  if (attrs['dataFormat'] !== 'NCHW') return;
  throw coreErrors.BACKEND_UNSUPPORTED({
    subject: 'convolution',
    expected: 'dataFormat = NHWC',
    received: 'dataFormat = NCHW',
    action: 'transpose the images to (N, H, W, C), the layout of the whole engine',
  });
}

function convolve(call: KernelCall): { readonly result: Handle; readonly window: Window } {
  checkLayout(call);
  const { b } = call;
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  const window = convWindow(call, { x: x.shape, filter: filter.shape });
  const type = b.productType;
  const handles = [padded(b, b.factorOf(x), window, { type }), b.factorOf(filter)];
  const result = b.run('Conv2D', handles, [...attributesOf(window, type), dilationsOf(window)]);
  return { result: b.raise(result), window };
}

/** TensorFlow wants one stride for both axes and has dilation only on GPUs: other windows go another way. */
const isPlain = ({ strides, dilations }: Window): boolean =>
  strides[0] === strides[1] && dilations.every((dilation) => dilation === 1);

/** A depthwise convolution with stride 1 and a filter that has zeros in it, of which the wanted places are taken. */
function spreadDepthwise({ b, inputs }: KernelCall, window: Window): Handle {
  const filter = inputs['filter'] as tf.TensorInfo;
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const [dh, dw] = window.dilations as [number, number];
  const pads = [
    [0, 0],
    [0, dh - 1],
    [0, 0],
    [0, dw - 1],
    [0, 0],
  ].flat();
  const apart = b.run(
    'Reshape',
    [b.handleOf(filter), b.ints([height, 1, width, 1, channels * multiplier])],
    [T_FLOAT, { name: 'Tshape', setting: 'type', value: 3 }],
  );
  const wide = b.run('Pad', [apart, b.ints(pads, [5, 2])], [T_FLOAT, { name: 'Tpaddings', setting: 'type', value: 3 }]);
  const together = b.run(
    'Reshape',
    [wide, b.ints([height * dh, width * dw, channels, multiplier])],
    [T_FLOAT, { name: 'Tshape', setting: 'type', value: 3 }],
  );
  const size = [(height - 1) * dh + 1, (width - 1) * dw + 1];
  const cut = b.run(
    'Slice',
    [together, b.ints([0, 0, 0, 0]), b.ints([...size, channels, multiplier])],
    [T_FLOAT, { name: 'Index', setting: 'type', value: 3 }],
  );
  const x = inputs['x'] as tf.TensorInfo;
  const around = b.run(
    'Pad',
    [b.handleOf(x), b.ints([0, 0, ...window.pads.flat(), 0, 0], [4, 2])],
    [T_FLOAT, { name: 'Tpaddings', setting: 'type', value: 3 }],
  );
  const dense = b.run(
    'DepthwiseConv2dNative',
    [around, cut],
    [T_FLOAT, intList('strides', [1, 1, 1, 1]), text('padding', 'VALID'), text('data_format', 'NHWC')],
  );
  const [, outHeight, outWidth, outChannels] = window.outShape as [number, number, number, number];
  const [sh, sw] = window.strides as [number, number];
  const end = [x.shape[0] as number, (outHeight - 1) * sh + 1, (outWidth - 1) * sw + 1, outChannels];
  return b.run(
    'StridedSlice',
    [dense, b.ints([0, 0, 0, 0]), b.ints(end), b.ints([1, sh, sw, 1])],
    [T_FLOAT, { name: 'Index', setting: 'type', value: 3 }],
  );
}

function convolveDepthwise(call: KernelCall): { readonly result: Handle; readonly window: Window } {
  checkLayout(call);
  const { b } = call;
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  const window = convWindow(call, { x: x.shape, filter: filter.shape, depthwise: true });
  if (!isPlain(window)) return { result: spreadDepthwise(call, window), window };
  const handles = [padded(b, b.handleOf(x), window), b.handleOf(filter)];
  return { result: b.run('DepthwiseConv2dNative', handles, attributesOf(window)), window };
}

type Convolve = typeof convolve;
const plain =
  (run: Convolve): Compute =>
  (call) => {
    const { result, window } = run(call);
    return call.b.keep(result, window.outShape, 'float32');
  };
const fused =
  (run: Convolve): Compute =>
  (call) => {
    const { result, window } = run(call);
    return call.b.keep(finish(call, result), window.outShape, 'float32');
  };

const inputGradient =
  (op: string, depthwise: boolean): Compute =>
  (call) => {
    checkLayout(call);
    const { b, attrs } = call;
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const shape = attrs['inputShape'] as number[];
    const window = convWindow(call, { x: shape, filter: filter.shape, depthwise });
    if (depthwise && !isPlain(window)) return composed(tf.DepthwiseConv2dNativeBackpropInput, call);
    const sizes = b.ints(paddedShape(window, shape));
    if (depthwise) {
      const handles = [sizes, b.handleOf(filter), b.handleOf(dy)];
      return unpadded(b, b.run(op, handles, attributesOf(window)), window, shape);
    }
    const handles = [sizes, b.factorOf(filter), b.factorOf(dy)];
    return unpadded(b, b.raise(b.run(op, handles, attributesOf(window, b.productType))), window, shape);
  };

const filterGradient =
  (op: string, depthwise: boolean): Compute =>
  (call) => {
    checkLayout(call);
    const { b, attrs } = call;
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const shape = attrs['filterShape'] as number[];
    const window = convWindow(call, { x: x.shape, filter: shape, depthwise });
    if (depthwise && !isPlain(window)) return composed(tf.DepthwiseConv2dNativeBackpropFilter, call);
    if (depthwise) {
      const handles = [padded(b, b.handleOf(x), window), b.ints(shape), b.handleOf(dy)];
      return b.output(op, handles, attributesOf(window), shape, 'float32');
    }
    const type = b.productType;
    const handles = [padded(b, b.factorOf(x), window, { type }), b.ints(shape), b.factorOf(dy)];
    return b.keep(b.raise(b.run(op, handles, attributesOf(window, type))), shape, 'float32');
  };

/** The kernel that core composes of others; its inputs are tensors. */
function composed(name: string, { b, inputs, attrs }: KernelCall): tf.TensorInfo {
  const compute = composedKernels[name] as tf.KernelFunc;
  return compute({
    inputs: inputs as tf.NamedTensorInfoMap,
    backend: b,
    attrs: attrs as unknown as tf.NamedAttrMap,
  }) as tf.TensorInfo;
}

type Shape5D = [number, number, number, number, number];

function volumeAttributes({ attrs }: KernelCall): Attribute[] {
  const strides = [attrs['strides'] as number | number[]].flat();
  const three = strides.length === 3 ? strides : [strides[0], strides[0], strides[0]];
  return [
    T_FLOAT,
    intList('strides', [1, ...(three as number[]), 1]),
    text('padding', String(attrs['pad']).toUpperCase()),
  ];
}

const conv3d: Compute = (call) => {
  const { b, attrs } = call;
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  const { outShape } = tf.backend_util.computeConv3DInfo(
    x.shape as Shape5D,
    filter.shape as Shape5D,
    attrs['strides'] as [number, number, number],
    (attrs['dilations'] ?? 1) as number,
    attrs['pad'] as 'same',
  );
  const dilations = [(attrs['dilations'] ?? 1) as number | number[]].flat();
  const three = dilations.length === 3 ? dilations : [dilations[0], dilations[0], dilations[0]];
  const attributes = [...volumeAttributes(call), intList('dilations', [1, ...(three as number[]), 1])];
  return b.output('Conv3D', [b.handleOf(x), b.handleOf(filter)], attributes, outShape, 'float32');
};

export const convolutions: Kernels = {
  [tf.Conv2D]: plain(convolve),
  [tf.FusedConv2D]: fused(convolve),
  [tf.DepthwiseConv2dNative]: plain(convolveDepthwise),
  [tf.FusedDepthwiseConv2D]: fused(convolveDepthwise),
  [tf.Conv2DBackpropInput]: inputGradient('Conv2DBackpropInput', false),
  [tf.Conv2DBackpropFilter]: filterGradient('Conv2DBackpropFilter', false),
  [tf.DepthwiseConv2dNativeBackpropInput]: inputGradient('DepthwiseConv2dNativeBackpropInput', true),
  [tf.DepthwiseConv2dNativeBackpropFilter]: filterGradient('DepthwiseConv2dNativeBackpropFilter', true),
  [tf.Conv3D]: conv3d,
  [tf.Conv3DBackpropInputV2]: (call) => {
    const { b, attrs } = call;
    const shape = attrs['inputShape'] as number[];
    const handles = [b.ints(shape), b.handleOf(input(call, 'filter')), b.handleOf(input(call, 'dy'))];
    const attributes: Attribute[] = [...volumeAttributes(call), { name: 'Tshape', setting: 'type', value: 3 }];
    return b.output('Conv3DBackpropInputV2', handles, attributes, shape, 'float32');
  },
  [tf.Conv3DBackpropFilterV2]: (call) => {
    const { b, attrs } = call;
    const shape = attrs['filterShape'] as number[];
    const handles = [b.handleOf(input(call, 'x')), b.ints(shape), b.handleOf(input(call, 'dy'))];
    return b.output('Conv3DBackpropFilterV2', handles, volumeAttributes(call), shape, 'float32');
  },
};
