import * as tf from '@tensorflow/tfjs-core';
import { bool, type Compute, castTo, input, type Kernels, T, T_FLOAT, TIDX, type } from '../kernel.js';
import { ONE_DNN } from '../one-dnn.js';

function axesOf(axis: unknown, shape: readonly number[]): number[] {
  return tf.util.parseAxisParam(axis as number | number[], [...shape]);
}

function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
}

type In = (dtype: tf.DataType) => tf.DataType;
const numbers: In = (dtype) => (dtype === 'bool' ? 'int32' : dtype);
const floats: In = () => 'float32';
const truths: In = () => 'bool';

const reduction =
  (op: string, computeIn: In): Compute =>
  (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const dtype = computeIn(x.dtype);
    const axes = axesOf(attrs['reductionIndices'] ?? attrs['axis'], x.shape); // Max has another name for it
    const keepDims = attrs['keepDims'] === true;
    const handles = [castTo(b, x, dtype), b.ints(axes)];
    const attributes = [bool('keep_dims', keepDims), TIDX, ...(dtype === 'bool' ? [] : [T(dtype)])];
    return b.output(op, handles, attributes, reducedShape(x.shape, axes, keepDims), dtype);
  };

/** Sums over all axes but the last, which is what gradients of biases are, go faster as one. */
const sum: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const axes = axesOf(attrs['axis'], x.shape);
  const isOfRows = x.dtype === 'float32' && axes.length > 0 && axes.length === x.shape.length - 1;
  if (!isOfRows || axes.includes(x.shape.length - 1)) return reduction('Sum', numbers)(call);
  const columns = b.run('BiasAddGrad', [b.handleOf(x)], [T_FLOAT]);
  if (attrs['keepDims'] !== true) return b.keep(columns, [x.shape.at(-1) as number], 'float32');
  const shape = reducedShape(x.shape, axes, true);
  return b.output('Reshape', [columns, b.ints(shape)], [T_FLOAT, type('Tshape', 'int32')], shape, 'float32');
};

const softmax: Compute = (call) => {
  const { b } = call;
  if (!b.hasOneDnn) return alongLast('Softmax')(call);
  const x = input(call, 'logits');
  return b.output('_MklSoftmax', [castTo(b, x, 'float32')], [T_FLOAT, ONE_DNN], x.shape, 'float32');
};

const argument =
  (op: string): Compute =>
  (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const [axis] = axesOf(attrs['axis'], x.shape) as [number];
    const dtype = numbers(x.dtype);
    const attributes = [T(dtype), TIDX, type('output_type', 'int32')];
    return b.output(op, [castTo(b, x, dtype), b.int(axis)], attributes, reducedShape(x.shape, [axis], false), 'int32');
  };

const running =
  (op: string): Compute =>
  (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const attributes = [
      T(x.dtype),
      TIDX,
      bool('exclusive', attrs['exclusive'] === true),
      bool('reverse', attrs['reverse'] === true),
    ];
    return b.output(op, [b.handleOf(x), b.int(Number(attrs['axis']))], attributes, x.shape, x.dtype);
  };

const alongLast =
  (op: string): Compute =>
  (call) => {
    const x = input(call, 'logits');
    return call.b.output(op, [castTo(call.b, x, 'float32')], [T_FLOAT], x.shape, 'float32');
  };

export const reductions: Kernels = {
  [tf.All]: reduction('All', truths),
  [tf.Any]: reduction('Any', truths),
  [tf.Max]: reduction('Max', numbers),
  [tf.Mean]: reduction('Mean', floats),
  [tf.Min]: reduction('Min', numbers),
  [tf.Prod]: reduction('Prod', numbers),
  [tf.Sum]: sum,
  [tf.ArgMax]: argument('ArgMax'),
  [tf.ArgMin]: argument('ArgMin'),
  [tf.Cumprod]: running('Cumprod'),
  [tf.Cumsum]: running('Cumsum'),
  [tf.LogSoftmax]: alongLast('LogSoftmax'),
  [tf.Softmax]: softmax,
};
