/** Convolutions, pools, resizing and norms. */
import * as tf from '@tensorflow/tfjs-core';
import { batchNormTrain } from '../ops/batch-norm.js';
import { standardize } from '../ops/standardize.js';
import { type OpCase, op } from './op-case.js';

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

export const spatialCases: readonly OpCase[] = [
  ...convolutions.map((geometry) => convCase(geometry, 'conv2d')),
  ...depthwise.map((geometry) => convCase(geometry, 'depthwiseConv2d')),
  ...pooling,
  ...normalisation,
  ...resizes,
];
