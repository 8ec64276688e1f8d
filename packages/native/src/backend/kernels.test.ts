/** Kernels beyond those of the conformance kit, held to the reference backend. */
import { cpu } from '@engine/backend-cpu';
import { gelu, KeyedRandom, keepMask, labelCrossEntropy, multiplyAdd, standardize } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import { nativeBackend } from './native-backend.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

type Run = () => tf.Tensor | tf.Tensor[];
const rows = (): tf.Tensor2D => tf.tensor2d([0.5, -1.5, 2, 3, -0.25, 0.75], [2, 3]);
const whole = (): tf.Tensor2D => tf.tensor2d([1, 5, 2, 7, 3, 4], [2, 3], 'int32');
const image = (): tf.Tensor4D => tf.reshape(tf.cos(tf.range(0, 2 * 6 * 7 * 3)), [2, 6, 7, 3]);
const filter = (): tf.Tensor4D => tf.reshape(tf.sin(tf.range(0, 3 * 2 * 3 * 2)), [3, 2, 3, 2]);
const volume = (): tf.Tensor5D => tf.reshape(tf.cos(tf.range(0, 4 * 5 * 6 * 2)), [1, 4, 5, 6, 2]);
const boxes = (): tf.Tensor2D => tf.tensor2d([0, 0, 2, 2, 0, 0, 2, 2.1, 3, 3, 5, 5, 0, 0, 1, 1], [4, 4]);
const unary: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  acos: tf.acos,
  asin: tf.asin,
  asinh: tf.asinh,
  atan: tf.atan,
  atanh: tf.atanh,
  ceil: tf.ceil,
  cos: tf.cos,
  cosh: tf.cosh,
  erf: tf.erf,
  expm1: tf.expm1,
  floor: tf.floor,
  isFinite: tf.isFinite,
  isInf: tf.isInf,
  isNaN: tf.isNaN,
  reciprocal: tf.reciprocal,
  relu6: tf.relu6,
  round: tf.round,
  selu: tf.selu,
  sign: tf.sign,
  sin: tf.sin,
  sinh: tf.sinh,
  tan: tf.tan,
  tanh: tf.tanh,
};

const cases: Readonly<Record<string, Run>> = {
  ...Object.fromEntries(Object.entries(unary).map(([name, run]) => [name, () => run(tf.mul(rows(), 0.3))])),
  acosh: () => tf.acosh(tf.add(tf.abs(rows()), 1)),
  'step of a number that is none': () => tf.step(tf.tensor1d([-1, 0, 2, Number.NaN]), 0.25),
  'unary of integers': () => [tf.exp(whole()), tf.abs(tf.neg(whole())), tf.square(whole()), tf.sign(whole())],
  'truth values add up': () => [tf.sum(tf.greater(rows(), 0)), tf.mean(tf.cast(tf.greater(rows(), 0), 'float32'))],
  'integers divide': () => [tf.div(whole(), tf.scalar(2, 'int32')), tf.floorDiv(whole(), tf.scalar(2, 'int32'))],
  mod: () => [tf.mod(rows(), 0.7), tf.mod(whole(), tf.scalar(3, 'int32'))],
  comparisons: () => [tf.equal(whole(), 5), tf.notEqual(rows(), 2), tf.lessEqual(rows(), 0.5), tf.less(whole(), 3)],
  'comparisons of truth': () => tf.equal(tf.greater(rows(), 0), tf.tensor2d([true, false, true], [1, 3])),
  logic: () => {
    const [a, b] = [tf.greater(rows(), 0), tf.less(rows(), 1)];
    return [tf.logicalAnd(a, b), tf.logicalOr(a, b), tf.logicalNot(a), tf.logicalXor(a, b), tf.all(a, 0), tf.any(a)];
  },
  atan2: () => tf.atan2(rows(), tf.add(rows(), 0.1)),
  prelu: () => tf.prelu(rows(), tf.tensor2d([0.1, 0.2, 0.3], [1, 3])),
  multiplyAdd: () => [multiplyAdd(rows(), rows(), tf.scalar(0.3)), multiplyAdd(rows(), rows(), rows())],
  addN: () => tf.addN([rows(), rows(), rows()]),
  casts: () => [
    tf.cast(rows(), 'int32'),
    tf.cast(rows(), 'bool'),
    tf.cast(whole(), 'float32'),
    tf.cast(tf.greater(rows(), 0), 'int32'),
  ],
  'gelu, one op': () => [gelu(rows()), tf.grad(gelu)(rows())],
  'layer norm': () => {
    const x = tf.reshape(image(), [12, 1, 7, 3]) as tf.Tensor4D;
    const weights = tf.sin(tf.mul(x, 3));
    const { y, mean, var: variance } = standardize(x, 1e-5);
    return [
      y,
      mean,
      variance,
      tf.grad((given: tf.Tensor) => tf.mul(standardize(given as tf.Tensor4D, 1e-5).y, weights))(x),
    ];
  },
  'cross entropy with labels': () => {
    const { loss, slope } = labelCrossEntropy(tf.mul(rows(), 9), tf.tensor1d([2, 0], 'int32'));
    const ignored = labelCrossEntropy(rows(), tf.tensor1d([-100, 3], 'int32'));
    return [loss, slope, ignored.loss, ignored.slope];
  },
  'dropout masks, bit for bit': () =>
    [0.9, 0.5, 1 / 3, 1, 1 - 2 ** -40].flatMap((keep, i) => [
      keepMask(new KeyedRandom(7, 'dropout', i), { shape: [3, 5, 7], keep }),
      keepMask(new KeyedRandom(2 ** 40 + 1, i, 'layer.2'), { shape: [70_000], keep }),
    ]),
  'sums of rows': () => [
    tf.sum(image(), [0, 1, 2]),
    tf.sum(image(), [0, 1, 2], true),
    tf.sum(rows(), 0),
    tf.sum(whole(), 0),
    tf.sum(image(), [0, 1, 3]),
  ],
  'gradients of pools': () => {
    const spread = tf.reshape(tf.sin(tf.mul(tf.range(0, 2 * 6 * 7 * 3), 1.7)), [2, 6, 7, 3]) as tf.Tensor4D;
    const slope = (pad: 'valid' | 'same', size: number, stride: number): tf.Tensor =>
      tf.grad((x: tf.Tensor) => tf.square(tf.maxPool(x as tf.Tensor4D, size, stride, pad)))(spread);
    return [slope('valid', 2, 2), slope('same', 3, 2), slope('valid', 3, 1), tf.maxPool(spread, 3, 2, 'same')];
  },
  'where maxima are equal': () => [
    tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'))(tf.ones([1, 4, 4, 2]) as tf.Tensor4D),
    tf.grad((x: tf.Tensor) => tf.maxPool(tf.relu(x as tf.Tensor4D), 2, 2, 'valid'))(
      tf.neg(tf.ones([1, 4, 4, 1])) as tf.Tensor4D,
    ),
  ],
  'softmax of many rows': () => [tf.softmax(tf.mul(image(), 30)), tf.softmax(tf.tensor2d([1e30, -1e30], [1, 2]))],
  'where by rows': () => tf.where(tf.tensor2d([true, false], [2, 1]), rows(), tf.neg(rows())),
  argMax: () => [tf.argMax(rows(), 1), tf.argMin(rows(), 0), tf.argMax(whole(), -1)],
  'max of integers': () => [tf.max(whole(), 1), tf.min(whole()), tf.prod(whole(), 0)],
  'cumsum of integers': () => tf.cumsum(whole(), 1, true, true),
  'fused matMul': () => [
    tf.fused.matMul({ a: rows(), b: rows(), transposeB: true, bias: tf.tensor1d([0.1, -0.2]), activation: 'relu' }),
    tf.fused.matMul({ a: rows(), b: rows(), transposeA: true, activation: 'elu' }),
    tf.fused.matMul({ a: rows(), b: rows(), transposeB: true, activation: 'leakyrelu', leakyreluAlpha: 0.3 }),
    tf.fused.matMul({
      a: rows(),
      b: rows(),
      transposeB: true,
      activation: 'prelu',
      preluActivationWeights: tf.tensor1d([0.1, 0.4]),
    }),
    tf.fused.matMul({ a: rows(), b: rows(), transposeB: true, activation: 'sigmoid' }),
    tf.fused.matMul({ a: rows(), b: rows(), transposeB: true, activation: 'relu6' }),
  ],
  'fused conv2d': () =>
    tf.fused.conv2d({
      x: image(),
      filter: filter(),
      strides: 2,
      pad: 'same',
      bias: tf.tensor1d([1, -1]),
      activation: 'relu',
    }),
  'fused depthwise': () =>
    tf.fused.depthwiseConv2d({ x: image(), filter: filter(), strides: 1, pad: 'valid', activation: 'relu6' }),
  'depthwise, strides that differ': () => tf.depthwiseConv2d(image(), filter(), [2, 1], 'same'),
  'depthwise, dilated by 2 and 3': () => tf.depthwiseConv2d(image(), filter(), 1, 'same', 'NHWC', [2, 3]),
  conv3d: () => tf.conv3d(volume(), tf.reshape(tf.sin(tf.range(0, 2 * 2 * 3 * 2 * 4)), [2, 2, 3, 2, 4]), 1, 'valid'),
  'pools of volumes': () => [tf.maxPool3d(volume(), 2, 2, 'same'), tf.avgPool3d(volume(), 2, 2, 'same')],
  'gradients of pools of volumes': () => [
    tf.grad((x: tf.Tensor) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid'))(volume()),
    tf.grad((x: tf.Tensor) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'valid'))(volume()),
  ],
  maxPoolWithArgmax: () => {
    const { result, indexes } = tf.maxPoolWithArgmax(image(), 2, 2, 'valid', true);
    return [result as tf.Tensor, indexes as tf.Tensor];
  },
  dilation2d: () => tf.dilation2d(image(), tf.reshape(tf.sin(tf.range(0, 12)), [2, 2, 3]), 1, 'same'),
  'gradient of dilation2d': () =>
    tf.grads((x: tf.Tensor, f: tf.Tensor) => tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, 1, 'valid'))([
      image(),
      tf.reshape(tf.sin(tf.range(0, 12)), [2, 2, 3]),
    ]),
  expandDims: () => [tf.expandDims(rows(), -1), tf.expandDims(rows(), 1)],
  split: () => tf.split(rows(), [1, 2], -1),
  concat: () => tf.concat([rows(), rows()], -1),
  'concat of integers': () => tf.concat([whole(), whole()], 0),
  unstack: () => tf.unstack(image(), -1),
  tile: () => tf.tile(whole(), [2, 3]),
  reverse: () => [tf.reverse(image(), [1, -1]), tf.image.flipLeftRight(image())],
  'pad with a number': () =>
    tf.pad(
      whole(),
      [
        [1, 0],
        [0, 2],
      ],
      9,
    ),
  spaceToBatch: () => {
    const apart = tf.spaceToBatchND(
      tf.reshape(tf.range(0, 32), [2, 4, 4, 1]),
      [2, 2],
      [
        [0, 0],
        [2, 0],
      ],
    );
    return [
      apart,
      tf.batchToSpaceND(
        apart,
        [2, 2],
        [
          [0, 0],
          [2, 0],
        ],
      ),
    ];
  },
  broadcastTo: () => tf.broadcastTo(tf.tensor1d([1, 2, 3]), [2, 3]),
  diag: () => tf.diag(tf.tensor1d([1, 2, 3])),
  bandPart: () => tf.linalg.bandPart(tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]), 0, 1),
  localResponseNormalization: () => tf.localResponseNormalization(image(), 2),
  'gradient of localResponseNormalization': () =>
    tf.grad((x: tf.Tensor) => tf.localResponseNormalization(x as tf.Tensor4D, 2))(image()),
  gather: () => [
    tf.gather(rows(), tf.tensor1d([1, 0, 1], 'int32')),
    tf.gather(whole(), tf.tensor2d([2, 0], [2, 1], 'int32'), 1, 1),
  ],
  'oneHot of truth': () => tf.oneHot(tf.tensor1d([0, 2], 'int32'), 3, 5, -1, 'int32'),
  unsortedSegmentSum: () => tf.unsortedSegmentSum(rows(), tf.tensor1d([1, 1], 'int32'), 3),
  'topk of integers': () => {
    const { values, indices } = tf.topk(whole(), 2);
    return [values, indices];
  },
  unique: () => {
    const { values, indices } = tf.unique(tf.tensor1d([3, 1, 3, 2, 1], 'int32'));
    return [values, indices];
  },
  searchSorted: () => [
    tf.lowerBound(tf.tensor1d([1, 3, 3, 5]), tf.tensor1d([3, 4, 0])),
    tf.upperBound(tf.tensor1d([1, 3, 3, 5]), tf.tensor1d([3, 4, 0])),
  ],
  tensorScatterUpdate: () => tf.tensorScatterUpdate(rows(), tf.tensor2d([1], [1, 1], 'int32'), tf.ones([1, 3])),
  sparseToDense: () => tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), tf.tensor1d([7, 8]), [5], 0.5),
  bincount: () => [
    tf.bincount(tf.tensor1d([1, 1, 3], 'int32'), tf.tensor1d([0.5, 1, 2]), 4),
    tf.denseBincount(tf.tensor2d([1, 1, 3, 0], [2, 2], 'int32'), tf.tensor2d([], [0, 0]), 4, true),
  ],
  linspace: () => [
    tf.linspace(0, 1, 7),
    tf.range(5, 0, -2),
    tf.range(0, 4, 1, 'int32'),
    tf.fill(whole().shape, 3, 'int32'),
  ],
  like: () => [tf.onesLike(whole()), tf.zerosLike(tf.greater(rows(), 0))],
  'gradient of resize': () => tf.grad((x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [3, 9]))(image()),
  cropAndResize: () =>
    tf.image.cropAndResize(
      image(),
      tf.tensor2d([0.1, 0.2, 0.8, 0.9], [1, 4]),
      tf.tensor1d([1], 'int32'),
      [3, 3],
      'bilinear',
      0.5,
    ),
  nonMaxSuppression: () => {
    const scores = tf.tensor1d([0.9, 0.8, 0.7, 0.2]);
    const padded = tf.image.nonMaxSuppressionPadded(boxes(), scores, 4, 0.5, 0.3, true);
    const soft = tf.image.nonMaxSuppressionWithScore(boxes(), scores, 4, 0.5, 0.1, 0.5);
    return [
      tf.image.nonMaxSuppression(boxes(), scores, 4, 0.5, 0.3),
      ...Object.values(padded),
      ...Object.values(soft),
    ] as tf.Tensor[];
  },
  batchNorm: () =>
    tf.batchNorm(
      image(),
      tf.tensor1d([0.1, 0.2, 0.3]),
      tf.tensor1d([1, 2, 3]),
      tf.tensor1d([0, 1, 2]),
      tf.tensor1d([1, 2, 1]),
    ),
  'batchNorm without slope': () => tf.batchNorm(rows(), tf.tensor1d([0.1, 0.2, 0.3]), tf.tensor1d([1, 2, 3])),
};

async function resultsOf(
  run: Run,
): Promise<{ readonly shape: number[]; readonly dtype: string; readonly values: number[] }[]> {
  const tensors = tf.tidy(() => [run()].flat());
  const results = await Promise.all(
    tensors.map(async (each) => ({ shape: each.shape, dtype: each.dtype, values: Array.from(await each.data()) })),
  );
  tf.dispose(tensors);
  return results;
}

describe.skipIf(library === undefined)(`kernels on TensorFlow${skipped}`, () => {
  const [native, reference] = [nativeBackend({ name: 'node' }), cpu()];
  beforeAll(async () => {
    await reference.init();
    await native.init();
  });
  afterAll(async () => {
    await native.dispose();
    await reference.dispose();
  });

  it.each(Object.entries(cases))('agree with the reference on %s', async (_name, run) => {
    await reference.init();
    const expected = await resultsOf(run);
    await native.init();
    const actual = await resultsOf(run);
    expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      expected.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    for (const [i, { values }] of expected.entries()) {
      const scale = values.reduce(
        (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
        1e-3,
      );
      for (const [j, value] of values.entries()) {
        const got = actual[i]?.values[j] as number;
        if (Number.isFinite(value)) expect(Math.abs(got - value) / scale, `${i}[${j}]`).toBeLessThan(2e-5);
        else expect(got, `${i}[${j}]`).toBe(value);
      }
    }
  });

  it('leave nothing behind', async () => {
    await native.init();
    const { runtime } = tf.backend() as unknown as { runtime: { liveHandles: number } };
    for (const run of Object.values(cases)) await resultsOf(run);
    const before = [runtime.liveHandles, tf.memory().numTensors];
    for (const run of Object.values(cases)) await resultsOf(run);
    expect([runtime.liveHandles, tf.memory().numTensors]).toEqual(before);
  });
});
