/** The ops that training is made of, in the shapes that trip kernels: what every backend must compute and differentiate. */
import * as tf from '@tensorflow/tfjs-core';
import { batchNormTrain } from '../ops/batch-norm.js';
import { standardize } from '../ops/standardize.js';

export interface OpInput {
  readonly shape: readonly number[];
  /** `spaced` (default): distinct values around 0, none near it, so that no kink is crossed. `positive`: from 0.3 up. `index`: int32 below `below`, not differentiated. */
  readonly values?: 'spaced' | 'positive' | 'index';
  readonly below?: number;
}

export interface OpCase {
  readonly name: string;
  readonly inputs: readonly OpInput[];
  run(...inputs: tf.Tensor[]): tf.Tensor;
}

const op = (
  name: string,
  shapes: readonly (readonly number[])[],
  run: (...inputs: tf.Tensor[]) => tf.Tensor,
): OpCase => ({
  name,
  inputs: shapes.map((shape) => ({ shape })),
  run,
});

const positive = (
  name: string,
  shapes: readonly (readonly number[])[],
  run: (...inputs: tf.Tensor[]) => tf.Tensor,
): OpCase => ({
  name,
  inputs: shapes.map((shape) => ({ shape, values: 'positive' })),
  run,
});

type Pad = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

export interface ConvCase {
  readonly x: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides?: number | [number, number];
  readonly pad: Pad;
  readonly dilations?: number | [number, number];
}

const explicit: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

const convolutions: readonly ConvCase[] = [
  { x: [2, 7, 6, 3], filter: [3, 3, 3, 4], pad: 'same' },
  { x: [2, 7, 6, 3], filter: [3, 3, 3, 4], pad: 'valid' },
  { x: [2, 6, 5, 1], filter: [5, 5, 1, 2], pad: 2 },
  { x: [2, 7, 6, 3], filter: [3, 2, 3, 4], pad: explicit },
  { x: [2, 7, 7, 3], filter: [3, 3, 3, 4], strides: 2, pad: 'same' },
  { x: [2, 8, 8, 3], filter: [3, 3, 3, 4], strides: 2, pad: 1 },
  { x: [1, 9, 8, 2], filter: [2, 3, 2, 3], strides: [3, 2], pad: 'valid' },
  { x: [2, 5, 5, 6], filter: [1, 1, 6, 8], pad: 0 },
  { x: [2, 6, 6, 4], filter: [1, 1, 4, 8], strides: 2, pad: 0 },
  { x: [2, 8, 7, 2], filter: [3, 3, 2, 3], pad: 'same', dilations: 2 },
  { x: [1, 9, 9, 2], filter: [3, 2, 2, 3], pad: 'valid', dilations: [2, 3] },
];

const depthwise: readonly ConvCase[] = [
  { x: [2, 6, 5, 3], filter: [3, 3, 3, 1], pad: 'same' },
  { x: [2, 7, 7, 3], filter: [3, 3, 3, 1], strides: 2, pad: 1 },
  { x: [2, 6, 6, 2], filter: [3, 2, 2, 3], pad: 'valid' },
  { x: [1, 7, 6, 2], filter: [3, 3, 2, 2], strides: 2, pad: 'same' },
  { x: [1, 8, 8, 2], filter: [3, 3, 2, 1], pad: 'same', dilations: 2 },
];

const describeConv = ({ x, filter, strides = 1, pad, dilations = 1 }: ConvCase): string =>
  `(${x.join(', ')}) * (${filter.join(', ')}), stride ${String(strides)}, pad ${typeof pad === 'object' ? 'explicit' : pad}, dilation ${String(dilations)}`;

/** The case of one convolution, plain or depthwise. */
export function convCase(geometry: ConvCase, kind: 'conv2d' | 'depthwiseConv2d'): OpCase {
  const { x, filter, strides = 1, pad, dilations = 1 } = geometry;
  const convolve = kind === 'conv2d' ? tf.conv2d : tf.depthwiseConv2d;
  return op(`${kind} ${describeConv(geometry)}`, [x, filter], (image, weights) =>
    convolve(image as tf.Tensor4D, weights as tf.Tensor4D, strides, pad, 'NHWC', dilations),
  );
}

type Pool = readonly [name: string, size: number, stride: number, pad: Pad, shape: [number, number, number, number]];

const pools: readonly Pool[] = [
  ['2x2', 2, 2, 'valid', [2, 6, 6, 3]],
  ['2x2 of an odd image', 2, 2, 'valid', [2, 7, 5, 3]],
  ['3x3, stride 2, pad 1', 3, 2, 1, [2, 7, 7, 2]],
  ['3x3, stride 1, same', 3, 1, 'same', [1, 5, 5, 2]],
  ['global', 4, 1, 'valid', [2, 4, 4, 5]],
];

const pooling = pools.flatMap(([name, size, stride, pad, shape]) => [
  op(`maxPool ${name}`, [shape], (x) => tf.maxPool(x as tf.Tensor4D, size, stride, pad)),
  op(`avgPool ${name}`, [shape], (x) => tf.avgPool(x as tf.Tensor4D, size, stride, pad)),
]);

const products = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) => {
    const name = `${transposeA ? ' a^T' : ' a'}${transposeB ? ' b^T' : ' b'}`;
    const a = transposeA ? [4, 5] : [5, 4];
    const b = transposeB ? [3, 4] : [4, 3];
    return [
      op(`matMul${name}`, [a, b], (x, y) => tf.matMul(x as tf.Tensor, y as tf.Tensor, transposeA, transposeB)),
      op(
        `batched matMul${name}`,
        [
          [2, ...a],
          [2, ...b],
        ],
        (x, y) => tf.matMul(x as tf.Tensor, y as tf.Tensor, transposeA, transposeB),
      ),
    ];
  }),
);

type Unary = (x: tf.Tensor) => tf.Tensor;
const smooth: Readonly<Record<string, Unary>> = {
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  erf: tf.erf,
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  elu: tf.elu,
  softplus: tf.softplus,
  exp: tf.exp,
  neg: tf.neg,
  abs: tf.abs,
  square: tf.square,
  clip: (x) => tf.clipByValue(x, -0.4125, 0.5125),
  softmax: (x) => tf.softmax(x, -1),
  logSoftmax: (x) => tf.logSoftmax(x, -1),
  logSumExp: (x) => tf.logSumExp(x, -1),
};
const unary = Object.entries(smooth).map(([name, run]) => op(name, [[4, 5]], run as OpCase['run']));

const roots: Readonly<Record<string, Unary>> = {
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal,
  'pow 1.5': (x) => tf.pow(x, 1.5),
};
const ofPositive = Object.entries(roots).map(([name, run]) => positive(name, [[4, 5]], run as OpCase['run']));

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const arithmetic: Readonly<Record<string, Binary>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  minimum: tf.minimum,
  maximum: tf.maximum,
  squaredDifference: tf.squaredDifference,
};
const broadcasts: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  [
    'equal shapes',
    [
      [3, 4],
      [3, 4],
    ],
  ],
  ['a row', [[6, 2, 4], [4]]],
  ['a row, first', [[4], [6, 2, 4]]],
  [
    'a column',
    [
      [3, 4],
      [3, 1],
    ],
  ],
  ['a scalar', [[3, 4], []]],
  [
    'both',
    [
      [3, 1, 2],
      [4, 1],
    ],
  ],
];
const binary = broadcasts.flatMap(([name, shapes]) => [
  ...Object.entries(arithmetic).map(([kind, run]) => op(`${kind}, ${name}`, shapes, run as OpCase['run'])),
  positive(`div, ${name}`, shapes, tf.div as OpCase['run']),
  positive(`pow, ${name}`, shapes, tf.pow as OpCase['run']),
]);

const axesOf: readonly (number[] | undefined)[] = [undefined, [0], [2], [-1], [0, 1], [1, 2], [0, 2]];
const reductions = axesOf.flatMap((axes) => {
  const name = axes === undefined ? 'all' : `[${axes.join(', ')}]`;
  return [
    op(`sum ${name}`, [[3, 4, 5]], (x) => tf.sum(x as tf.Tensor, axes)),
    op(`mean ${name}`, [[3, 4, 5]], (x) => tf.mean(x as tf.Tensor, axes, true)),
    op(`max ${name}`, [[3, 4, 5]], (x) => tf.max(x as tf.Tensor, axes)),
    op(`min ${name}`, [[3, 4, 5]], (x) => tf.min(x as tf.Tensor, axes, true)),
  ];
});

const scans = [0, 1, -1].flatMap((axis) => [
  op(`cumsum ${axis}`, [[3, 4]], (x) => tf.cumsum(x as tf.Tensor, axis, axis === 1, axis === 0)),
  op(`prod ${axis}`, [[3, 4]], (x) => tf.prod(x as tf.Tensor, axis)),
]);

const EQUATIONS = [
  'ij,jk->ik',
  'bij,bkj->bik',
  'ij,kl->jlk',
  'ijk,jl->il',
  'bhqd,bkhd->bhqk',
  'ij,ij->',
  'ij->ji',
  'ijk->k',
];
const EXTENTS: Readonly<Record<string, number>> = { i: 3, j: 4, k: 2, l: 3, b: 2, h: 2, q: 3, d: 4 };
const contractions = EQUATIONS.map((equation) =>
  op(
    `einsum ${equation}`,
    (equation.split('->')[0] as string)
      .split(',')
      .map((letters) => Array.from(letters).map((letter) => EXTENTS[letter] ?? 1)),
    (...terms) => tf.einsum(equation, ...(terms as tf.Tensor[])),
  ),
);

const matrices: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 5, 4],
    [1, 4, 3],
  ],
  [
    [5, 4],
    [2, 4, 3],
  ],
  [
    [2, 1, 5, 4],
    [3, 4, 2],
  ],
];
const broadcastProducts = matrices.map(([a, b]) =>
  op(`matMul (${a.join(', ')}) (${b.join(', ')})`, [a, b], (x, y) => tf.matMul(x as tf.Tensor, y as tf.Tensor)),
);

const resizes = (
  [
    [5, 7],
    [3, 2],
    [2, 6],
  ] as const
).flatMap((size) =>
  [
    [false, false],
    [true, false],
    [false, true],
  ].flatMap(([align, half]) => {
    const name = `to ${size.join('x')}${align ? ', corners aligned' : ''}${half ? ', half pixels' : ''}`;
    return [
      op(`resizeBilinear ${name}`, [[2, 3, 4, 2]], (x) =>
        tf.image.resizeBilinear(x as tf.Tensor4D, [...size], align, half),
      ),
      op(`resizeNearestNeighbor ${name}`, [[2, 3, 4, 2]], (x) =>
        tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [...size], align, half),
      ),
    ];
  }),
);

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

const normalisation: readonly OpCase[] = [
  ...(
    [
      [6, 5],
      [2, 4, 3, 5],
    ] as const
  ).map((shape) =>
    op(
      `batchNormTrain of rank ${shape.length}`,
      [shape, [5], [5]],
      (x, gamma, beta) => batchNormTrain(x as tf.Tensor, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3).y,
    ),
  ),
  ...(
    [
      [6, 1, 1, 5],
      [2, 5, 3, 2],
      [2, 6, 4, 1],
    ] as const
  ).map((shape) => op(`standardize (${shape.join(', ')})`, [shape], (x) => standardize(x as tf.Tensor4D, 1e-3).y)),
  {
    name: 'batchNorm with given statistics',
    inputs: [
      { shape: [2, 3, 3, 4] },
      { shape: [4] },
      { shape: [4], values: 'positive' },
      { shape: [4] },
      { shape: [4] },
    ],
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-3,
      ),
  },
];

export const opCases: readonly OpCase[] = [
  ...convolutions.map((geometry) => convCase(geometry, 'conv2d')),
  ...depthwise.map((geometry) => convCase(geometry, 'depthwiseConv2d')),
  ...pooling,
  ...products,
  ...normalisation,
  ...unary,
  ...ofPositive,
  ...binary,
  ...reductions,
  ...scans,
  ...contractions,
  ...broadcastProducts,
  ...resizes,
  ...picking,
  ...shaping,
  ...choosing,
];
