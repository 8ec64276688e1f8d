import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../../tensor-flow.js';
import { type Compute, input, intList, type KernelCall, type Kernels, T_FLOAT, text } from '../kernel.js';

type Shape4D = [number, number, number, number];

function geometry({ attrs, inputs }: KernelCall): { readonly attributes: Attribute[]; readonly outShape: number[] } {
  const [x, filter] = [inputs['x'] as tf.TensorInfo, inputs['filter'] as tf.TensorInfo];
  const info = tf.backend_util.computeDilation2DInfo(
    x.shape as Shape4D,
    filter.shape as [number, number, number],
    attrs['strides'] as number,
    attrs['pad'] as 'same',
    'NHWC',
    attrs['dilations'] as number,
  );
  const attributes = [
    T_FLOAT,
    intList('strides', [1, info.strideHeight, info.strideWidth, 1]),
    intList('rates', [1, info.dilationHeight, info.dilationWidth, 1]),
    text('padding', String(attrs['pad']).toUpperCase()),
  ];
  return { attributes, outShape: info.outShape };
}

const gradient =
  (op: 'Dilation2DBackpropInput' | 'Dilation2DBackpropFilter'): Compute =>
  (call) => {
    const { b } = call;
    const [x, filter, dy] = [input(call, 'x'), input(call, 'filter'), input(call, 'dy')];
    const shape = (op === 'Dilation2DBackpropInput' ? x : filter).shape;
    const handles = [x, filter, dy].map((each) => b.handleOf(each));
    return b.output(op, handles, geometry(call).attributes, shape, 'float32');
  };

export const dilation: Kernels = {
  [tf.Dilation2D]: (call) => {
    const { attributes, outShape } = geometry(call);
    const handles = [input(call, 'x'), input(call, 'filter')].map((each) => call.b.handleOf(each));
    return call.b.output('Dilation2D', handles, attributes, outShape, 'float32');
  },
  [tf.Dilation2DBackpropInput]: gradient('Dilation2DBackpropInput'),
  [tf.Dilation2DBackpropFilter]: gradient('Dilation2DBackpropFilter'),
};
