import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerGradients } from '../gradients/register.js';
import { batchNormTrain } from './batch-norm.js';
import { registerComposedKernels } from './composed-kernels.js';

beforeAll(async () => {
  registerGradients();
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

const vector = (...values: number[]): tf.Tensor1D => tf.tensor1d(values);

describe('batchNormTrain', () => {
  it('normalises each channel and gives the biased variance', async () => {
    const {
      y,
      mean,
      var: variance,
    } = tf.tidy(() => ({
      ...batchNormTrain(
        tf.tensor2d([
          [1, 10],
          [3, 10],
          [5, 10],
        ]),
        vector(2, 1),
        vector(0, 7),
        0,
      ),
    }));
    expect([...(await mean.data())]).toEqual([3, 10]);
    expect((await variance.data())[0]).toBeCloseTo(8 / 3, 5);
    const values = await y.data();
    expect(values[0]).toBeCloseTo(-2 * Math.sqrt(1.5), 5);
    expect(values[4]).toBeCloseTo(2 * Math.sqrt(1.5), 5);
    tf.dispose([y, mean, variance]);
  });

  it('normalises over all axes but the last', () => {
    const shapes = tf.tidy(() => {
      const { y, mean } = batchNormTrain(tf.randomNormal([2, 3, 4, 5]), tf.ones([5]), tf.zeros([5]), 1e-5);
      return [y.shape, mean.shape];
    });
    expect(shapes).toEqual([[2, 3, 4, 5], [5]]);
  });

  it('gives a gradient without mean and without the direction of y', async () => {
    const x = tf.randomNormal([8, 3], 0, 1, 'float32', 5);
    const weights = tf.randomNormal([8, 3], 0, 1, 'float32', 6);
    const [sums, projections] = tf.tidy(() => {
      const normalise = (input: tf.Tensor): tf.Tensor => batchNormTrain(input, vector(1, 2, 3), vector(0, 0, 0), 0).y;
      const gradient = tf.grad((input: tf.Tensor) => normalise(input))(x, weights);
      return [tf.sum(gradient, 0), tf.sum(tf.mul(gradient, normalise(x)), 0)] as const;
    });
    for (const value of [...(await sums.data()), ...(await projections.data())])
      expect(Math.abs(value)).toBeLessThan(1e-5);
    tf.dispose([x, weights, sums, projections]);
  });

  it('never tiles', async () => {
    const { kernelNames, result } = await tf.profile(() =>
      tf.tidy(() =>
        tf.grad((x: tf.Tensor) => batchNormTrain(x, tf.ones([4]), tf.zeros([4]), 1e-5).y)(tf.ones([2, 3, 3, 4])),
      ),
    );
    expect(kernelNames).not.toContain('Tile');
    expect(kernelNames).toContain('BatchNormTrainGrad');
    tf.dispose(result as tf.Tensor);
  });

  it('refuses scales of another length with ENGINE_CORE_SIZE_MISMATCH', () => {
    const run = (gamma: number[], beta: number[]): unknown =>
      tf.tidy(() => batchNormTrain(tf.ones([4, 3]), tf.tensor1d(gamma), tf.tensor1d(beta), 0).y);
    expect(() => run([1, 1], [0, 0, 0])).toThrow(
      expect.objectContaining({ code: 'ENGINE_CORE_SIZE_MISMATCH', expected: expect.stringContaining('gamma') }),
    );
    expect(() => run([1, 1, 1], [0])).toThrow(
      expect.objectContaining({ code: 'ENGINE_CORE_SIZE_MISMATCH', expected: expect.stringContaining('beta') }),
    );
  });
});
