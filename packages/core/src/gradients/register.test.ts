import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { standardGradients } from '../generated/standard-gradients.js';
import { registerComposedKernels } from '../ops/composed-kernels.js';
import { gatherGradient } from './gather.js';
import { depthToSpaceGradient } from './rearranging.js';
import { registerGradients } from './register.js';

beforeAll(async () => {
  registerGradients();
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

/** Values of `d sum(f(x) * weights) / dx`. */
async function gradientOf(
  f: (x: tf.Tensor) => tf.Tensor,
  values: number[],
  shape: number[] = [values.length],
): Promise<number[]> {
  const gradient = tf.tidy(() => tf.grad(f)(tf.tensor(values, shape)));
  const read = [...(await gradient.data())];
  gradient.dispose();
  return read;
}

describe('registerGradients', () => {
  it('registers every standard gradient', () => {
    expect(standardGradients.length).toBeGreaterThan(100);
    for (const { kernelName } of standardGradients) expect(tf.getGradient(kernelName), kernelName).toBeDefined();
  });

  it('does nothing the second time', () => {
    const before = tf.getGradient(tf.Sum);
    registerGradients();
    expect(tf.getGradient(tf.Sum)).toBe(before);
  });

  it('adds no chained methods to tensors', () => {
    expect('reshape' in tf.Tensor.prototype && 'conv2d' in tf.Tensor.prototype).toBe(false);
  });
});

describe('gradients of our own', () => {
  it('is 0 where relu and abs have their kink, as in PyTorch', async () => {
    expect(await gradientOf(tf.relu, [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(await gradientOf(tf.abs, [-1, 0, 2])).toEqual([-1, 0, 1]);
  });

  it('differentiates relu twice', async () => {
    const slopeTimesDy = (x: tf.Tensor): tf.Tensor => tf.grad((z: tf.Tensor) => tf.square(tf.relu(z)))(x);
    expect(await gradientOf(slopeTimesDy, [-1, 0, 2])).toEqual([0, 0, 2]);
  });

  it('finds the product of all others, also where factors are 0', async () => {
    expect(await gradientOf((x) => tf.prod(x, -1), [2, 0, 5])).toEqual([0, 10, 0]);
    expect(await gradientOf((x) => tf.prod(x), [1, 2, 3, 4], [2, 2])).toEqual([24, 12, 8, 6]);
  });

  it('differentiates running products where factors are 0', async () => {
    expect(await gradientOf((x) => tf.cumprod(x, 0) as tf.Tensor, [2, 0, 5])).toEqual([1, 12, 0]);
    expect(await gradientOf((x) => tf.cumprod(x, 0, true, true) as tf.Tensor, [2, 0, 5])).toEqual([0, 5, 1]);
  });

  it('adds mirrored elements to what they are copies of', async () => {
    expect(await gradientOf((x) => tf.mirrorPad(x, [[2, 1]], 'reflect'), [1, 2, 3])).toEqual([1, 3, 2]);
    expect(await gradientOf((x) => tf.mirrorPad(x, [[2, 1]], 'symmetric'), [1, 2, 3])).toEqual([2, 2, 2]);
  });

  it('gives gradients of einsum to operands with axes that nobody else has', async () => {
    const weights = [10, 20];
    expect(await gradientOf((x) => tf.einsum('ij,i->i', x, tf.tensor1d(weights)), [1, 2, 3, 4], [2, 2])).toEqual([
      10, 10, 20, 20,
    ]);
  });

  it('ENGINE_CORE_BACKEND_UNSUPPORTED: depthToSpace of channels first', () => {
    const attrs = { blockSize: 2, dataFormat: 'NCHW' };
    expect(() => depthToSpaceGradient.gradFunc([], [], attrs)).toThrow('ENGINE_CORE_BACKEND_UNSUPPORTED');
  });

  it('sums over what was broadcast', async () => {
    expect(
      await gradientOf(
        (x) =>
          tf.maximum(
            x,
            tf.tensor2d([
              [0, 9],
              [0, 9],
              [0, 9],
            ]),
          ),
        [5, 5],
      ),
    ).toEqual([3, 0]);
    expect(await gradientOf((x) => tf.squaredDifference(x, tf.tensor1d([0, 1, 2])), [3], [])).toEqual([12]);
  });

  it('takes comparisons for constants', async () => {
    expect(await gradientOf((x) => tf.where(tf.greaterEqual(x, 0), x, tf.mul(x, 0.1)), [-3, 2])).toEqual([
      expect.closeTo(0.1),
      1,
    ]);
  });

  it('divides by what of a window lies inside the image', async () => {
    const gradient = await gradientOf((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 1), [1, 2, 3, 4], [1, 2, 2, 1]);
    expect(gradient).toEqual([1, 1, 1, 1]);
  });

  it('adds up the rows that were looked up twice', async () => {
    const ids = (): tf.Tensor1D => tf.tensor1d([2, 0, 2], 'int32');
    expect(await gradientOf((x) => tf.gather(x, ids()), [1, 2, 3])).toEqual([1, 0, 2]);
  });

  it('refuses batched lookups', () => {
    const [x, ids, dy] = [tf.ones([2, 3]), tf.tensor2d([[0], [1]], [2, 1], 'int32'), tf.ones([2, 1])];
    expect(() => gatherGradient.gradFunc(dy, [x, ids], { axis: 1, batchDims: 1 })).toThrow(
      expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_UNSUPPORTED' }),
    );
    tf.dispose([x, ids, dy]);
  });

  it('makes no constants on the host for sums and means', async () => {
    const { kernelNames, result } = await tf.profile(() =>
      tf.tidy(() => tf.grad((x: tf.Tensor) => tf.mean(tf.square(x)))(tf.ones([50, 20]))),
    );
    expect(kernelNames).toContain('Fill');
    tf.dispose(result as tf.Tensor);
  });
});

describe('repaired kernels', () => {
  it.each([
    [
      'conv2d',
      () => tf.conv2d(tf.ones<tf.Rank.R4>([1, 4, 5, 1]), tf.ones<tf.Rank.R4>([1, 3, 1, 1]), 1, 1),
      [1, 6, 5, 1],
    ],
    [
      'depthwiseConv2d',
      () => tf.depthwiseConv2d(tf.ones<tf.Rank.R4>([1, 4, 5, 1]), tf.ones<tf.Rank.R4>([1, 3, 1, 1]), 1, 1),
      [1, 6, 5, 1],
    ],
    ['maxPool', () => tf.maxPool(tf.ones<tf.Rank.R4>([1, 6, 6, 1]), [1, 3], [2, 3], 1), [1, 4, 2, 1]],
    ['avgPool', () => tf.avgPool(tf.ones<tf.Rank.R4>([1, 6, 6, 1]), [1, 3], [2, 3], 1), [1, 4, 2, 1]],
  ] as const)('%s counts a number as padding on each axis by its own window', (_name, run, shape) => {
    const y = tf.tidy(run as () => tf.Tensor);
    expect(y.shape).toEqual(shape);
    y.dispose();
  });

  it('cumsum and cumprod take axes from behind', async () => {
    const sums = tf.tidy(() =>
      tf.cumsum(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        -2,
      ),
    );
    const products = tf.tidy(() =>
      tf.cumprod(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
        -1,
      ),
    );
    expect([...(await sums.data()), ...(await products.data())]).toEqual([1, 2, 4, 6, 1, 2, 3, 12]);
    tf.dispose([sums, products]);
  });
});
