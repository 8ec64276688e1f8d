/** Functions of elements, one or two at a time. */
import * as tf from '@tensorflow/tfjs-core';
import { gelu } from '../ops/gelu.js';
import { type OpCase, op, positive } from './op-case.js';

type Unary = (x: tf.Tensor) => tf.Tensor;
const smooth: Readonly<Record<string, Unary>> = {
  relu: tf.relu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  erf: tf.erf,
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
  'gelu in one op': gelu,
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

export const elementwiseCases: readonly OpCase[] = [...unary, ...ofPositive, ...binary];
