import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../../tensor-flow.js';
import { bool, type Compute, castTo, input, int, type Kernels, T, type } from '../kernel.js';

const TINDICES = type('Tindices', 'int32');

const gather: Compute = (call) => {
  const { b, attrs } = call;
  const [x, indices] = [input(call, 'x'), input(call, 'indices')];
  const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0] as number;
  const batchDims = Number(attrs['batchDims'] ?? 0);
  const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
  const attributes = [type('Tparams', x.dtype), TINDICES, type('Taxis', 'int32'), int('batch_dims', batchDims)];
  return b.output('GatherV2', [b.handleOf(x), castTo(b, indices, 'int32'), b.int(axis)], attributes, shape, x.dtype);
};

const gatherNd: Compute = (call) => {
  const { b } = call;
  const [x, indices] = [input(call, 'params'), input(call, 'indices')];
  const depth = indices.shape.at(-1) as number;
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  return b.output(
    'GatherNd',
    [b.handleOf(x), b.handleOf(indices)],
    [type('Tparams', x.dtype), TINDICES],
    shape,
    x.dtype,
  );
};

const scatterNd: Compute = (call) => {
  const { b, attrs } = call;
  const [indices, updates] = [input(call, 'indices'), input(call, 'updates')];
  const shape = attrs['shape'] as number[];
  const handles = [b.handleOf(indices), b.handleOf(updates), b.ints(shape)];
  return b.output('ScatterNd', handles, [T(updates.dtype), TINDICES], shape, updates.dtype);
};

const oneHot: Compute = (call) => {
  const { b, attrs } = call;
  const indices = input(call, 'indices');
  const depth = Number(attrs['depth']);
  const dtype = (attrs['dtype'] ?? 'float32') as tf.DataType;
  const handles = [
    castTo(b, indices, 'int32'),
    b.int(depth),
    b.scalar(Number(attrs['onValue']), dtype),
    b.scalar(Number(attrs['offValue']), dtype),
  ];
  return b.output(
    'OneHot',
    handles,
    [T(dtype), type('TI', 'int32'), int('axis', -1)],
    [...indices.shape, depth],
    dtype,
  );
};

const segmentSum: Compute = (call) => {
  const { b, attrs } = call;
  const [x, ids] = [input(call, 'x'), input(call, 'segmentIds')];
  const count = Number(attrs['numSegments']);
  const attributes = [T(x.dtype), TINDICES, type('Tnumsegments', 'int32')];
  const handles = [b.handleOf(x), castTo(b, ids, 'int32'), b.int(count)];
  return b.output('UnsortedSegmentSum', handles, attributes, [count, ...x.shape.slice(ids.shape.length)], x.dtype);
};

const topK: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const k = Number(attrs['k']);
  const shape = [...x.shape.slice(0, -1), k];
  const attributes = [T(x.dtype), bool('sorted', attrs['sorted'] !== false)];
  const [values, indices] = b.runMany('TopKV2', [b.handleOf(x), b.int(k)], attributes, 2) as [number, number];
  return [b.keep(values, shape, x.dtype), b.keep(indices, [...shape], 'int32')];
};

/** How many there are is known only afterwards. */
const unique: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const axis = tf.util.parseAxisParam((attrs['axis'] ?? 0) as number, x.shape)[0] as number;
  const attributes = [T(x.dtype), type('Taxis', 'int32'), type('out_idx', 'int32')];
  const [values, places] = b.runMany('UniqueV2', [b.handleOf(x), b.ints([axis])], attributes, 2) as [number, number];
  return [b.keep(values, b.runtime.shapeOf(values), x.dtype), b.keep(places, [x.shape[axis] as number], 'int32')];
};

const bound =
  (op: 'LowerBound' | 'UpperBound'): Compute =>
  (call) => {
    const { b } = call;
    const [sorted, values] = [input(call, 'sortedSequence'), input(call, 'values')];
    const attributes = [T(sorted.dtype), type('out_type', 'int32')];
    return b.output(op, [b.handleOf(sorted), b.handleOf(values)], attributes, values.shape, 'int32');
  };

export const picking: Kernels = {
  [tf.GatherV2]: gather,
  [tf.GatherNd]: gatherNd,
  [tf.ScatterNd]: scatterNd,
  [tf.OneHot]: oneHot,
  [tf.UnsortedSegmentSum]: segmentSum,
  [tf.TopK]: topK,
  [tf.Unique]: unique,
  [tf.LowerBound]: bound('LowerBound'),
  [tf.UpperBound]: bound('UpperBound'),
  [tf.SearchSorted]: (call) => bound(call.attrs['side'] === 'left' ? 'LowerBound' : 'UpperBound')(call),
  [tf.TensorScatterUpdate]: (call) => {
    const { b } = call;
    const tensor = input(call, 'tensor');
    const handles = [tensor, input(call, 'indices'), input(call, 'updates')].map((each) => b.handleOf(each));
    return b.output('TensorScatterUpdate', handles, [T(tensor.dtype), TINDICES], tensor.shape, tensor.dtype);
  },
  [tf.SparseToDense]: (call) => {
    const { b, attrs } = call;
    const [indices, values, rest] = ['sparseIndices', 'sparseValues', 'defaultValue'].map((name) =>
      input(call, name),
    ) as [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo];
    const shape = attrs['outputShape'] as number[];
    const attributes: Attribute[] = [T(values.dtype), TINDICES, bool('validate_indices', false)];
    const handles = [b.handleOf(indices), b.ints(shape), b.handleOf(values), b.handleOf(rest)];
    return b.output('SparseToDense', handles, attributes, shape, values.dtype);
  },
  [tf.Bincount]: (call) => {
    const { b, attrs } = call;
    const [x, weights] = [input(call, 'x'), input(call, 'weights')];
    const size = Number(attrs['size']);
    const attributes = [type('Tidx', 'int32'), T(weights.dtype), bool('binary_output', false)];
    return b.output(
      'DenseBincount',
      [b.handleOf(x), b.int(size), b.handleOf(weights)],
      attributes,
      [size],
      weights.dtype,
    );
  },
  [tf.DenseBincount]: (call) => {
    const { b, attrs } = call;
    const [x, weights] = [input(call, 'x'), input(call, 'weights')];
    const size = Number(attrs['size']);
    const attributes = [type('Tidx', 'int32'), T(weights.dtype), bool('binary_output', attrs['binaryOutput'] === true)];
    const shape = [...x.shape.slice(0, -1), size];
    return b.output(
      'DenseBincount',
      [b.handleOf(x), b.int(size), b.handleOf(weights)],
      attributes,
      shape,
      weights.dtype,
    );
  },
};
