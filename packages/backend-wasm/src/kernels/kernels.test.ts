import { cpu } from '@engine/backend-cpu';
import { type ConvCase, convCase, relativeDifference, runCase } from '@engine/core/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasm } from '../wasm.js';

const backend = wasm({ threads: 1 });
const reference = cpu();

beforeAll(async () => {
  await reference.init();
  await backend.init();
});
afterAll(() => backend.dispose());

/** Values of `compute` on both backends. */
async function onBoth(
  compute: () => tf.Tensor,
): Promise<{ actual: Float32Array; expected: Float32Array; shape: number[] }> {
  const values = async (): Promise<{ data: Float32Array; shape: number[] }> => {
    const result = tf.tidy(compute);
    const data = (await result.data()) as Float32Array;
    result.dispose();
    return { data, shape: result.shape };
  };
  await reference.init();
  const expected = await values();
  await backend.init();
  const actual = await values();
  expect(actual.shape).toEqual(expected.shape);
  return { actual: actual.data, expected: expected.data, shape: actual.shape };
}

async function expectAgreement(compute: () => tf.Tensor): Promise<void> {
  const { actual, expected } = await onBoth(compute);
  expect(relativeDifference(actual, expected)).toBeLessThan(1e-5);
}

const normal = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const extent = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** Convolutions whose output is not empty; strides or dilations, not both, as TensorFlow.js wants it. */
const geometries: fc.Arbitrary<ConvCase & { multiplier: number }> = fc
  .record({
    batch: extent(3),
    height: extent(8),
    width: extent(8),
    channels: extent(4),
    multiplier: extent(3),
    kh: extent(4),
    kw: extent(4),
    spread: extent(3),
    dilated: fc.boolean(),
    pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1, 2),
  })
  .filter(({ pad, height, width, kh, kw, spread, dilated }) => {
    const around = typeof pad === 'number' ? 2 * pad : pad === 'valid' ? 0 : Number.POSITIVE_INFINITY;
    const reach = (kernel: number): number => (kernel - 1) * (dilated ? spread : 1) + 1;
    return height + around >= reach(kh) && width + around >= reach(kw);
  })
  .map(({ batch, height, width, channels, multiplier, kh, kw, spread, dilated, pad }) => ({
    x: [batch, height, width, channels],
    filter: [kh, kw, channels, multiplier],
    strides: dilated ? 1 : spread,
    dilations: dilated ? spread : 1,
    pad,
    multiplier,
  }));

describe('gradients of convolutions, composed of convolutions', () => {
  it.each(['conv2d', 'depthwiseConv2d'] as const)('equal the reference for any geometry of %s', async (kind) => {
    await fc.assert(
      fc.asyncProperty(geometries, async (geometry) => {
        const opCase = convCase(geometry, kind);
        await reference.init();
        const expected = await runCase(opCase);
        await backend.init();
        const actual = await runCase(opCase);
        expect(relativeDifference(actual.output, expected.output)).toBeLessThan(1e-4);
        for (const i of [0, 1])
          expect(
            relativeDifference(actual.gradients[i] as Float32Array, expected.gradients[i] as Float32Array),
          ).toBeLessThan(1e-4);
      }),
      { numRuns: 60 },
    );
  });

  it('are zero for a filter that meets only padding', async () => {
    const opCase = convCase({ x: [1, 1, 1, 2], filter: [1, 1, 2, 3], strides: 3, pad: 1 }, 'conv2d');
    const { gradients } = await runCase(opCase);
    for (const gradient of gradients) expect(gradient.every((value) => value === 0)).toBe(true);
  });

  it('refuses NCHW, which the engine never uses', () => {
    const x = normal([1, 2, 5, 5], 1) as tf.Tensor4D;
    const w = normal([3, 3, 2, 2], 2) as tf.Tensor4D;
    const run = (): tf.Tensor =>
      tf
        .engine()
        .runKernel(
          'Conv2DBackpropFilter',
          { x, dy: x },
          { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: w.shape },
        );
    expect(run).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_UNSUPPORTED' }));
    tf.dispose([x, w]);
  });

  it('are not computed for an input that needs none', async () => {
    const x = normal([2, 6, 6, 1], 1) as tf.Tensor4D;
    const w = tf.tidy(() => tf.variable(normal([3, 3, 1, 2], 2)));
    const loss = (): tf.Scalar => tf.sum(tf.conv2d(x, w as unknown as tf.Tensor4D, 1, 'same'));
    const { kernelNames, result } = await tf.profile(() => tf.tidy(() => tf.variableGrads(loss, [w]).value));
    expect(kernelNames).toContain('Conv2DBackpropFilter');
    expect(kernelNames).not.toContain('Conv2DBackpropInput');
    tf.dispose([x, w, result as tf.Tensor]);
  });
});

describe('sums and means over leading axes', () => {
  it.each([
    [[50, 3], [0]],
    [
      [7, 5, 4],
      [0, 1],
    ],
    [
      [64, 14, 14, 6],
      [0, 1, 2],
    ],
    [[13, 2], [-2]],
    [[3, 1000], [0]],
    [[1, 5], [0]],
    [
      [4, 5],
      [1, 0],
    ],
    [[8, 128, 128], [0]],
    [[12, 20000], [0]],
  ])('of %j over %j', async (shape, axes) => {
    await expectAgreement(() => tf.sum(normal(shape, 3), axes));
    await expectAgreement(() => tf.mean(normal(shape, 4), axes, true));
  });

  it('stay precise over many rows', async () => {
    const rows = 100_000;
    const { actual } = await onBoth(() => tf.sum(tf.mul(tf.ones([rows, 2]), 0.1), 0));
    expect(Math.abs((actual[0] as number) / (rows * Math.fround(0.1)) - 1)).toBeLessThan(5e-6);
  });

  it('cope with rows wider than the stack, on a heap that grows', async () => {
    const reserved = backend.memory().reservedBytes ?? 0;
    const { actual } = await onBoth(() => tf.sum(tf.mul(tf.ones([4, 3_000_000]), 0.5), 0));
    expect(backend.memory().reservedBytes).toBeGreaterThan(reserved);
    expect(actual.every((value) => value === 2)).toBe(true);
  });

  it('leave integers to the original kernel', async () => {
    const { actual } = await onBoth(() =>
      tf.sum(
        tf.tensor2d(
          [
            [1, 2],
            [3, 4],
          ],
          [2, 2],
          'int32',
        ),
        0,
      ),
    );
    expect([...actual]).toEqual([4, 6]);
  });
});

describe('operands that are broadcast over rows', () => {
  it('agree with the reference, whatever the sizes', async () => {
    const shapes = fc.tuple(
      fc.array(extent(9), { minLength: 1, maxLength: 3 }),
      fc.nat(3),
      fc.boolean(),
      fc.constantFrom(tf.add, tf.sub, tf.mul, tf.div),
    );
    await fc.assert(
      fc.asyncProperty(shapes, async ([shape, dropped, swap, run]) => {
        const short = shape.slice(Math.min(dropped, shape.length));
        const operands = (): [tf.Tensor, tf.Tensor] => [
          tf.add(tf.square(normal(shape, 5)), 0.5),
          tf.add(tf.square(normal(short, 6)), 0.5),
        ];
        await expectAgreement(() =>
          swap ? run(...(operands().reverse() as [tf.Tensor, tf.Tensor])) : run(...operands()),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('matMul', () => {
  type Product = (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor;
  const products: readonly (readonly [string, Product])[] = [
    ['plain', (a, b) => tf.matMul(a, b)],
    ['fused', (a, b) => tf.fused.matMul({ a, b })],
  ];
  it.each(products)('multiplies by the same elements under two shapes, %s', async (_name, multiply) => {
    await expectAgreement(() => {
      const data = normal([6, 4], 7);
      const first = multiply(normal([3, 6], 8) as tf.Tensor2D, data as tf.Tensor2D);
      const second = multiply(normal([3, 12], 9) as tf.Tensor2D, tf.reshape(data, [12, 2]) as tf.Tensor2D);
      return tf.concat([first, second], 1);
    });
  });
});

describe('maxPoolGrad', () => {
  it('gives the gradient of a tie to the first, as PyTorch does', async () => {
    const x = tf.zeros([1, 2, 2, 1]) as tf.Tensor4D;
    const gradient = tf.grad((input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, 2, 2, 'valid'))(x);
    expect([...(await gradient.data())]).toEqual([1, 0, 0, 0]);
    tf.dispose([x, gradient]);
  });

  it('counts a negative zero as equal to zero', async () => {
    const x = tf.tensor4d([-1, -0, 0, -2], [1, 2, 2, 1]);
    const gradient = tf.grad((input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, 2, 2, 'valid'))(x);
    expect([...(await gradient.data())]).toEqual([0, 1, 0, 0]);
    tf.dispose([x, gradient]);
  });

  it('adds up where windows overlap', async () => {
    const x = tf.tensor4d([0, 0, 0, 0, 9, 0, 0, 0, 0], [1, 3, 3, 1]);
    const gradient = tf.grad((input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, 2, 1, 'valid'))(x);
    expect([...(await gradient.data())]).toEqual([0, 0, 0, 0, 4, 0, 0, 0, 0]);
    tf.dispose([x, gradient]);
  });
});

describe('unsortedSegmentSum', () => {
  it('adds rows of one id and drops those out of range', async () => {
    const sums = tf.tidy(() =>
      tf.unsortedSegmentSum(
        tf.tensor2d([
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ]),
        tf.tensor1d([2, 0, 2, -1], 'int32'),
        3,
      ),
    );
    expect([...(await sums.data())]).toEqual([3, 4, 0, 0, 6, 8]);
    sums.dispose();
  });
});

describe('oneHot', () => {
  it('gives floats where floats are asked for', async () => {
    const hot = tf.tidy(() => tf.oneHot(tf.tensor1d([2, 0], 'int32'), 3, 5, -1, 'float32'));
    expect([...(await hot.data())]).toEqual([-1, -1, 5, 5, -1, -1]);
    hot.dispose();
  });
});

describe('copies', () => {
  it('are not made, and one of two that share may be freed', async () => {
    const x = tf.tensor1d([1, 2, 3]);
    const clone = tf.clone(x);
    const buffers = tf.memory().numDataBuffers;
    const cast = tf.cast(x, 'float32');
    expect(tf.memory().numDataBuffers).toBe(buffers);
    x.dispose();
    expect([...(await clone.data()), ...(await cast.data())]).toEqual([1, 2, 3, 1, 2, 3]);
    tf.dispose([clone, cast]);
  });

  it('casts that change the type still convert', async () => {
    const cast = tf.tidy(() => tf.cast(tf.tensor1d([1.7, -2.3]), 'int32'));
    expect([...(await cast.data())]).toEqual([1, -2]);
    cast.dispose();
  });
});
