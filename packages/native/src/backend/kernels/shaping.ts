import * as tf from '@tensorflow/tfjs-core';
import type { Attribute } from '../../tensor-flow.js';
import {
  broadcastShape,
  type Compute,
  castTo,
  input,
  int,
  type KernelCall,
  type Kernels,
  T,
  TIDX,
  text,
  type,
} from '../kernel.js';
import { countOf } from '../kernel-backend.js';

const INDEX = type('Index', 'int32');
const PADDINGS = type('Tpaddings', 'int32');

const list = ({ inputs }: KernelCall): tf.TensorInfo[] => Object.values(inputs);

const reshape: Compute = (call) => {
  const x = input(call, 'x');
  const shape = tf.util.inferFromImplicitShape(call.attrs['shape'] as number[], countOf(x));
  return call.b.alias(x, shape);
};

const expandDims: Compute = (call) => {
  const x = input(call, 'input');
  const dim = Number(call.attrs['dim']);
  const shape = [...x.shape];
  shape.splice(dim < 0 ? x.shape.length + 1 + dim : dim, 0, 1);
  return call.b.alias(x, shape);
};

const slice: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const [begin, size] = tf.slice_util.parseSliceParams(
    x as tf.Tensor,
    attrs['begin'] as number[],
    attrs['size'] as number[],
  ) as [number[], number[]];
  return b.output('Slice', [b.handleOf(x), b.ints(begin), b.ints(size)], [T(x.dtype), INDEX], size, x.dtype);
};

const stridedSlice: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const masks = ['beginMask', 'endMask', 'ellipsisMask', 'newAxisMask', 'shrinkAxisMask'] as const;
  const [begin, end, strides] = ['begin', 'end', 'strides'].map((name) => attrs[name] as number[]) as [
    number[],
    number[],
    number[],
  ];
  const [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] = masks.map((name) => Number(attrs[name] ?? 0));
  const { finalShape } = tf.slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    strides,
    beginMask as number,
    endMask as number,
    ellipsisMask as number,
    newAxisMask as number,
    shrinkAxisMask as number,
  );
  const attributes = masks.map((name) =>
    int(
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      Number(attrs[name] ?? 0),
    ),
  );
  const handles = [b.handleOf(x), b.ints(begin), b.ints(end), b.ints(strides)];
  return b.output('StridedSlice', handles, [T(x.dtype), INDEX, ...attributes], finalShape, x.dtype);
};

const transpose: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const order = attrs['perm'] as number[];
  const shape = order.map((axis) => x.shape[axis] as number);
  return b.output('Transpose', [b.handleOf(x), b.ints(order)], [T(x.dtype), type('Tperm', 'int32')], shape, x.dtype);
};

type Sides = readonly [number, number];
const grown = (shape: readonly number[], pads: readonly Sides[]): number[] =>
  shape.map((extent, axis) => extent + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0));

const padConstant: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const pads = attrs['paddings'] as Sides[];
  const handles = [
    b.handleOf(x),
    b.ints(pads.flat(), [pads.length, 2]),
    b.scalar(Number(attrs['constantValue']), x.dtype),
  ];
  return b.output('PadV2', handles, [T(x.dtype), PADDINGS], grown(x.shape, pads), x.dtype);
};

const padMirrored: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const pads = attrs['paddings'] as Sides[];
  const mode = text('mode', String(attrs['mode']).toUpperCase());
  const handles = [b.handleOf(x), b.ints(pads.flat(), [pads.length, 2])];
  return b.output('MirrorPad', handles, [T(x.dtype), PADDINGS, mode], grown(x.shape, pads), x.dtype);
};

const concat: Compute = (call) => {
  const { b, attrs } = call;
  const all = list(call);
  const { shape, dtype } = all[0] as tf.TensorInfo;
  const axis = tf.util.parseAxisParam(attrs['axis'] as number, shape)[0] as number;
  const whole = tf.backend_util.computeOutShape(
    all.map((each) => each.shape),
    axis,
  );
  const handles = [...all.map((each) => b.handleOf(each)), b.int(axis)];
  return b.output('ConcatV2', handles, [int('N', all.length), T(dtype), TIDX], whole, dtype);
};

const split: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0] as number;
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs['numOrSizeSplits'] as number[], axis);
  const attributes = [int('num_split', sizes.length), T(x.dtype), type('Tlen', 'int32')];
  const parts = b.runMany('SplitV', [b.handleOf(x), b.ints(sizes), b.int(axis)], attributes, sizes.length);
  return parts.map((part, i) => {
    const shape = [...x.shape];
    shape[axis] = sizes[i] as number;
    return b.keep(part, shape, x.dtype);
  });
};

const pack: Compute = (call) => {
  const { b, attrs } = call;
  const all = list(call);
  const { shape, dtype } = all[0] as tf.TensorInfo;
  const axis = Number(attrs['axis']);
  const whole = [...shape];
  whole.splice(axis, 0, all.length);
  const attributes = [int('N', all.length), T(dtype), int('axis', axis)];
  return b.output(
    'Pack',
    all.map((each) => b.handleOf(each)),
    attributes,
    whole,
    dtype,
  );
};

const unpack: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'value');
  const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0] as number;
  const count = x.shape[axis] as number;
  const shape = x.shape.filter((_, each) => each !== axis);
  const parts = b.runMany('Unpack', [b.handleOf(x)], [int('num', count), T(x.dtype), int('axis', axis)], count);
  return parts.map((part) => b.keep(part, [...shape], x.dtype));
};

const tile: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const repeats = attrs['reps'] as number[];
  const shape = x.shape.map((extent, axis) => extent * (repeats[axis] ?? 1));
  return b.output('Tile', [b.handleOf(x), b.ints(repeats)], [T(x.dtype), type('Tmultiples', 'int32')], shape, x.dtype);
};

const reverseAlong = (call: KernelCall, x: tf.TensorInfo, axes: readonly number[]): tf.TensorInfo =>
  call.b.output('ReverseV2', [call.b.handleOf(x), call.b.ints(axes)], [T(x.dtype), TIDX], x.shape, x.dtype);

const blocks =
  (op: 'SpaceToBatchND' | 'BatchToSpaceND'): Compute =>
  (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const block = attrs['blockShape'] as number[];
    const [name, attribute] =
      op === 'SpaceToBatchND' ? (['paddings', 'Tpaddings'] as const) : (['crops', 'Tcrops'] as const);
    const sides = attrs[name] as Sides[];
    const volume = block.reduce((product, extent) => product * extent, 1);
    const shape = [...x.shape];
    shape[0] = op === 'SpaceToBatchND' ? (x.shape[0] as number) * volume : (x.shape[0] as number) / volume;
    block.forEach((extent, i) => {
      const [before, after] = sides[i] as Sides;
      const given = x.shape[i + 1] as number;
      shape[i + 1] = op === 'SpaceToBatchND' ? (given + before + after) / extent : given * extent - before - after;
    });
    const attributes = [T(x.dtype), type('Tblock_shape', 'int32'), type(attribute, 'int32')];
    return b.output(
      op,
      [b.handleOf(x), b.ints(block), b.ints(sides.flat(), [sides.length, 2])],
      attributes,
      shape,
      x.dtype,
    );
  };

export const shaping: Kernels = {
  [tf.Identity]: (call) => call.b.alias(input(call, 'x')),
  [tf.Reshape]: reshape,
  [tf.ExpandDims]: expandDims,
  [tf.Slice]: slice,
  [tf.StridedSlice]: stridedSlice,
  [tf.Transpose]: transpose,
  [tf.PadV2]: padConstant,
  [tf.MirrorPad]: padMirrored,
  [tf.Concat]: concat,
  [tf.SplitV]: split,
  [tf.Pack]: pack,
  [tf.Unpack]: unpack,
  [tf.Tile]: tile,
  [tf.Reverse]: (call) => {
    const x = input(call, 'x');
    return reverseAlong(call, x, tf.util.parseAxisParam(call.attrs['dims'] as number[], x.shape));
  },
  [tf.FlipLeftRight]: (call) => reverseAlong(call, input(call, 'image'), [2]),
  [tf.SpaceToBatchND]: blocks('SpaceToBatchND'),
  [tf.BatchToSpaceND]: blocks('BatchToSpaceND'),
  [tf.BroadcastTo]: (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const shape = attrs['shape'] as number[];
    return b.output('BroadcastTo', [b.handleOf(x), b.ints(shape)], [T(x.dtype), TIDX], shape, x.dtype);
  },
  [tf.BroadcastArgs]: (call) => {
    const [one, two] = ['s0', 's1'].map((name) => Array.from(call.b.valuesOf(input(call, name)))) as [
      number[],
      number[],
    ];
    const shape = broadcastShape(one, two);
    return call.b.fromHost(Int32Array.from(shape), [shape.length], 'int32');
  },
  [tf.DepthToSpace]: (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const block = Number(attrs['blockSize']);
    const [batch, height, width, depth] = x.shape as [number, number, number, number];
    const shape = [batch, height * block, width * block, depth / (block * block)];
    const attributes: Attribute[] = [T(x.dtype), int('block_size', block), text('data_format', 'NHWC')];
    return b.output('DepthToSpace', [b.handleOf(x)], attributes, shape, x.dtype);
  },
  [tf.Diag]: (call) => {
    const { b } = call;
    const x = input(call, 'x');
    return b.output('Diag', [b.handleOf(x)], [T(x.dtype)], [...x.shape, ...x.shape], x.dtype);
  },
  [tf.MatrixBandPart]: (call) => {
    const { b } = call;
    const x = input(call, 'input');
    const bounds = ['numLower', 'numUpper'].map((name) => castTo(b, input(call, name), 'int32'));
    return b.output(
      'MatrixBandPart',
      [b.handleOf(x), ...bounds],
      [T(x.dtype), type('Tindex', 'int32')],
      x.shape,
      x.dtype,
    );
  },
  [tf.LRN]: (call) => {
    const { b } = call;
    const x = input(call, 'x');
    return b.output('LRN', [b.handleOf(x)], lrnAttributes(call), x.shape, 'float32');
  },
  [tf.LRNGrad]: (call) => {
    const { b } = call;
    const x = input(call, 'x');
    const handles = [b.handleOf(input(call, 'dy')), b.handleOf(x), b.handleOf(input(call, 'y'))];
    return b.output('LRNGrad', handles, lrnAttributes(call), x.shape, 'float32');
  },
};

function lrnAttributes({ attrs }: KernelCall): Attribute[] {
  return [
    T('float32'),
    int('depth_radius', Number(attrs['depthRadius'])),
    ...['bias', 'alpha', 'beta'].map((name): Attribute => ({ name, setting: 'float', value: Number(attrs[name]) })),
  ];
}
