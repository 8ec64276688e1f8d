/** Products, sums and scans. */
import * as tf from '@tensorflow/tfjs-core';
import { type OpCase, op } from './op-case.js';

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

export const contractionCases: readonly OpCase[] = [
  ...products,
  ...reductions,
  ...scans,
  ...contractions,
  ...broadcastProducts,
];
