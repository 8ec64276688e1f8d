import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Handle } from '../../tensor-flow.js';
import { bool, type Compute, input, intList, type KernelCall, type Kernels, T_FLOAT, type } from '../kernel.js';
import { ONE_DNN } from '../one-dnn.js';
import { padded, paddedShape, poolWindow, unpadded, type Window, windowAttributes } from '../window.js';

const LOWEST = { value: Number.NEGATIVE_INFINITY };

const attributesOf = (window: Window): Attribute[] => [
  T_FLOAT,
  intList('ksize', [1, ...window.size, 1]),
  ...windowAttributes(window),
];

/** oneDNN's pool gives a second output: where in each window the maximum was. */
const oneDnnPool = (window: Window): Attribute[] => [...attributesOf(window), bool('workspace_enabled', true), ONE_DNN];

const maxPool2d: Compute = (call) => {
  const { b } = call;
  if (!b.hasOneDnn) return maxPool('MaxPool')(call);
  const x = input(call, 'x');
  const window = poolWindow(call, x.shape);
  const image = padded(b, b.handleOf(x), window, LOWEST);
  const [y] = b.runMany('_MklNativeMaxPool', [image], oneDnnPool(window), 2) as [Handle, Handle];
  return b.keep(y, window.outShape, 'float32');
};

/** Asks again where the maxima are: that costs a tenth of looking for them as TensorFlow's own op does. */
const maxPool2dGrad: Compute = (call) => {
  const { b } = call;
  if (!b.hasOneDnn) return maxPoolGrad('MaxPoolGrad')(call);
  const [dy, x] = [input(call, 'dy'), input(call, 'input')];
  const window = poolWindow(call, x.shape);
  const image = padded(b, b.handleOf(x), window, LOWEST);
  const [y, places] = b.runMany('_MklNativeMaxPool', [image], oneDnnPool(window), 2) as [Handle, Handle];
  const gradient = b.run('_MklNativeMaxPoolGrad', [image, y, b.handleOf(dy), places], oneDnnPool(window));
  return unpadded(b, gradient, window, x.shape);
};

const maxPool =
  (op: string): Compute =>
  (call) => {
    const { b } = call;
    const x = input(call, 'x');
    const window = poolWindow(call, x.shape);
    return b.output(op, [padded(b, b.handleOf(x), window, LOWEST)], attributesOf(window), window.outShape, 'float32');
  };

/** The elements of a window outside of the image do not count; TensorFlow knows that of its own padding only. */
const avgPool =
  (op: string): Compute =>
  (call) => {
    const { b } = call;
    const x = input(call, 'x');
    const window = poolWindow(call, x.shape);
    if (window.padding !== 'explicit')
      return b.output(op, [b.handleOf(x)], attributesOf(window), window.outShape, 'float32');
    const whole = b.run(op, [padded(b, b.handleOf(x), window)], attributesOf(window));
    return b.output('Mul', [whole, borderScale(call, window)], [T_FLOAT], window.outShape, 'float32');
  };

/** Size of a window over the number of its elements inside the image, (1, ...out, 1). */
function borderScale({ b }: KernelCall, { image, size, strides, pads, outShape }: Window): number {
  const scales = image.map((extent, axis) => {
    const [length, stride, before] = [size[axis], strides[axis], pads[axis]?.[0]] as [number, number, number];
    return Array.from({ length: outShape[axis + 1] as number }, (_, i) => {
      const from = i * stride - before;
      return length / Math.max(1, Math.min(extent, from + length) - Math.max(0, from));
    });
  });
  const all = scales.reduce<number[]>(
    (outer, along) => outer.flatMap((each) => along.map((scale) => each * scale)),
    [1],
  );
  return b.floats(all, [1, ...outShape.slice(1, -1), 1]);
}

const maxPoolGrad =
  (op: string): Compute =>
  (call) => {
    const { b } = call;
    const [dy, x, y] = [input(call, 'dy'), input(call, 'input'), call.inputs['output']];
    const window = poolWindow(call, x.shape);
    const image = padded(b, b.handleOf(x), window, LOWEST);
    const forward = op.replace('Grad', '');
    const output = y === undefined ? b.run(forward, [image], attributesOf(window)) : b.handleOf(y);
    const types: Attribute[] = op === 'MaxPool3DGrad' ? [type('TInput', 'float32')] : [];
    const gradient = b.run(op, [image, output, b.handleOf(dy)], [...attributesOf(window), ...types]);
    return unpadded(b, gradient, window, x.shape);
  };

/** Every element of a window gets dy over the window's whole size, at the border as well: TensorFlow.js's kernel of this name. */
const avgPoolGrad =
  (op: string): Compute =>
  (call) => {
    const { b } = call;
    const [dy, x] = [input(call, 'dy'), input(call, 'input')];
    const given = poolWindow(call, x.shape);
    const window: Window = given.padding === 'SAME' ? { ...given, padding: 'explicit' } : given;
    const shape = b.ints(paddedShape(window, x.shape));
    return unpadded(b, b.run(op, [shape, b.handleOf(dy)], attributesOf(window)), window, x.shape);
  };

export const pooling: Kernels = {
  [tf.MaxPool]: maxPool2d,
  [tf.MaxPool3D]: maxPool('MaxPool3D'),
  [tf.AvgPool]: avgPool('AvgPool'),
  [tf.AvgPool3D]: avgPool('AvgPool3D'),
  [tf.MaxPoolGrad]: maxPool2dGrad,
  [tf.MaxPool3DGrad]: maxPoolGrad('MaxPool3DGrad'),
  [tf.AvgPoolGrad]: avgPoolGrad('AvgPoolGrad'),
  [tf.AvgPool3DGrad]: avgPoolGrad('AvgPool3DGrad'),
  [tf.MaxPoolWithArgmax]: (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const window = poolWindow(call, x.shape);
    const attributes: Attribute[] = [
      ...attributesOf(window),
      { name: 'Targmax', setting: 'type', value: 9 },
      bool('include_batch_in_index', attrs['includeBatchInIndex'] === true),
    ];
    const [pooled, places] = b.runMany('MaxPoolWithArgmax', [b.handleOf(x)], attributes, 2) as [number, number];
    const cast: Attribute[] = [{ name: 'SrcT', setting: 'type', value: 9 }, type('DstT', 'int32')];
    return [b.keep(pooled, window.outShape, 'float32'), b.output('Cast', [places], cast, window.outShape, 'int32')];
  },
};
