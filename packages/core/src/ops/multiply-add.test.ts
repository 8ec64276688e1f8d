import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerComposedKernels } from './composed-kernels.js';
import { composedMultiplyAdd, MultiplyAdd, multiplyAdd } from './multiply-add.js';
import { replaceKernel } from './repaired-kernels.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
  registerComposedKernels('cpu');
});

const operands = (): Record<'a' | 'b' | 'c', tf.Tensor> => ({
  a: tf.tensor2d([1, 2, 3, 4], [2, 2]),
  b: tf.tensor2d([2, -1, 0.5, 0], [2, 2]),
  c: tf.tensor2d([3, 3, 4, 5], [2, 2]),
});

describe('multiplyAdd', () => {
  it('adds the product, element by element or with one factor', () => {
    tf.tidy(() => {
      const { a, b, c } = operands();
      expect([...multiplyAdd(a, b, c).dataSync()]).toEqual([7, -1, 5, 4]);
      expect([...multiplyAdd(a, b, tf.scalar(2)).dataSync()]).toEqual([5, 0, 4, 4]);
      expect(multiplyAdd(a, b, c).shape).toEqual([2, 2]);
    });
  });

  it('is composed where a backend has no kernel: two roundings, nothing left behind', () => {
    const factor = 1 + 2 ** -12;
    tf.tidy(() => {
      const [a, b] = [tf.scalar(-1), tf.scalar(factor)];
      expect(composedMultiplyAdd({ a, b, c: b }).dataSync()[0]).toBe(Math.fround(factor * factor) - 1);
    });
    const inputs = operands();
    const before = tf.memory().numTensors;
    composedMultiplyAdd(inputs).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(inputs);
  });

  describe('with a kernel of the backend', () => {
    const own = (): tf.KernelFunc => tf.getKernel(MultiplyAdd, 'cpu').kernelFunc;
    let previous: tf.KernelFunc;
    beforeAll(() => {
      previous = own();
      replaceKernel(MultiplyAdd, 'cpu', ({ inputs }) => tf.clone(inputs['b'] as tf.Tensor));
    });
    afterAll(() => replaceKernel(MultiplyAdd, 'cpu', previous));

    it('uses that, and registering the composed ones again leaves it in place', () => {
      registerComposedKernels('cpu');
      tf.tidy(() => {
        const { a, b, c } = operands();
        expect([...multiplyAdd(a, b, c).dataSync()]).toEqual([...b.dataSync()]);
      });
    });
  });
});
