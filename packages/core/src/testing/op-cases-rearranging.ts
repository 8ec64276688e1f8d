/** Ops that pick, move and choose elements. */
import * as tf from '@tensorflow/tfjs-core';
import { type OpCase, op } from './op-case.js';

const picking: readonly OpCase[] = [
  op('stridedSlice', [[5, 6, 4]], (x) => tf.stridedSlice(x as tf.Tensor, [1, 0, 3], [5, 6, 0], [2, 3, -1])),
  op('stridedSlice, masks', [[4, 5, 3]], (x) =>
    tf.stridedSlice(x as tf.Tensor, [0, 1, 0], [2, 3, 2], [1, 2, 1], 1, 2, 0, 0, 4),
  ),
  {
    name: 'gatherND of rows, some twice',
    inputs: [{ shape: [2, 3, 4] }, { shape: [5, 2], values: 'index', below: 2 }],
    run: (x, ids) => tf.gatherND(x as tf.Tensor, ids as tf.Tensor),
  },
  {
    name: 'scatterND',
    inputs: [{ shape: [4, 3] }, { shape: [4, 1], values: 'index', below: 6 }],
    run: (x, ids) => tf.scatterND(ids as tf.Tensor, x as tf.Tensor, [6, 3]),
  },
  op('topk', [[3, 6]], (x) => tf.topk(x as tf.Tensor, 3).values),
  op('depthToSpace', [[2, 3, 2, 8]], (x) => tf.depthToSpace(x as tf.Tensor4D, 2)),
  ...(['reflect', 'symmetric'] as const).map((mode) =>
    op(`mirrorPad ${mode}`, [[3, 4, 3]], (x) =>
      tf.mirrorPad(
        x as tf.Tensor,
        [
          [2, 1],
          [0, 3],
          [1, 0],
        ],
        mode,
      ),
    ),
  ),
  ...[
    [0, false, false],
    [1, true, false],
    [1, false, true],
    [-1, true, true],
  ].map(([axis, exclusive, reverse]) =>
    op(`cumprod along ${axis}${exclusive ? ', exclusive' : ''}${reverse ? ', reversed' : ''}`, [[3, 5]], (x) =>
      tf.cumprod(x as tf.Tensor, axis as number, exclusive as boolean, reverse as boolean),
    ),
  ),
  op('a mask of masks', [[3, 4]], (x) =>
    tf.where(
      tf.logicalAnd(tf.greater(x as tf.Tensor, -0.2), tf.logicalNot(tf.greater(x as tf.Tensor, 0.2))),
      tf.square(x as tf.Tensor),
      x as tf.Tensor,
    ),
  ),
  op(
    'conv3d',
    [
      [1, 3, 4, 4, 2],
      [2, 3, 2, 2, 3],
    ],
    (x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, [1, 2, 1], 'same'),
  ),
  op(
    'conv2dTranspose',
    [
      [2, 3, 3, 4],
      [3, 2, 2, 4],
    ],
    (x, filter) => tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 6, 6, 2], 2, 'same'),
  ),
];

const shaping: readonly OpCase[] = [
  op('reshape', [[3, 4, 2]], (x) => tf.reshape(x as tf.Tensor, [6, 4])),
  op('transpose', [[3, 4, 2]], (x) => tf.transpose(x as tf.Tensor, [2, 0, 1])),
  op('pad', [[2, 3, 4]], (x) =>
    tf.pad(x as tf.Tensor, [
      [1, 0],
      [0, 2],
      [1, 1],
    ]),
  ),
  op('slice', [[4, 5, 3]], (x) => tf.slice(x as tf.Tensor, [1, 0, 1], [2, 4, 2])),
  op(
    'concat',
    [
      [2, 3],
      [2, 4],
    ],
    (a, b) => tf.concat([a as tf.Tensor, b as tf.Tensor], 1),
  ),
  op(
    'stack',
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => tf.stack([a as tf.Tensor, b as tf.Tensor], 1),
  ),
  op('split', [[2, 6]], (x) => {
    const [first, second] = tf.split(x as tf.Tensor, [2, 4], 1) as [tf.Tensor, tf.Tensor];
    return tf.mul(tf.sum(first, 1, true), second);
  }),
  op('unstack into one', [[1, 4]], (x) => tf.square(tf.unstack(x as tf.Tensor)[0] as tf.Tensor)),
  op('unstack', [[3, 4]], (x) => {
    const [first, , third] = tf.unstack(x as tf.Tensor) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return tf.mul(first, third);
  }),
  op('tile', [[2, 3]], (x) => tf.tile(x as tf.Tensor, [2, 3])),
  op('broadcastTo', [[3, 1]], (x) => tf.broadcastTo(x as tf.Tensor, [2, 3, 4])),
  op('expandDims and squeeze', [[3, 4]], (x) => tf.squeeze(tf.expandDims(x as tf.Tensor, 1))),
  op('reverse', [[3, 4]], (x) => tf.reverse(x as tf.Tensor, 1)),
];

const choosing: readonly OpCase[] = [
  {
    name: 'gather rows, some twice',
    inputs: [{ shape: [5, 3] }, { shape: [2, 4], values: 'index', below: 5 }],
    run: (table, ids) => tf.gather(table as tf.Tensor, ids as tf.Tensor),
  },
  {
    name: 'gather columns',
    inputs: [{ shape: [4, 5] }, { shape: [7], values: 'index', below: 5 }],
    run: (table, ids) => tf.gather(table as tf.Tensor, ids as tf.Tensor, 1),
  },
  {
    name: 'oneHot as a mask',
    inputs: [{ shape: [6, 5] }, { shape: [6], values: 'index', below: 5 }],
    run: (x, ids) => tf.mul(x as tf.Tensor, tf.oneHot(ids as tf.Tensor, 5)),
  },
  op(
    'where',
    [
      [3, 4],
      [3, 4],
    ],
    (a, b) => tf.where(tf.greater(a as tf.Tensor, b as tf.Tensor), tf.square(a as tf.Tensor), b as tf.Tensor),
  ),
  op('where, condition of one row', [[3, 4]], (x) =>
    tf.where(tf.less(x as tf.Tensor, 0), tf.mul(x as tf.Tensor, 3), x as tf.Tensor),
  ),
];

export const rearrangingCases: readonly OpCase[] = [...picking, ...shaping, ...choosing];
