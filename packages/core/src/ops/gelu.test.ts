import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerGradients } from '../gradients/register.js';
import { registerComposedKernels } from './composed-kernels.js';
import { gelu } from './gelu.js';

beforeAll(async () => {
  registerGradients();
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

const STEP = 1e-2;
const at = (f: (x: tf.Tensor) => tf.Tensor, x: number): number =>
  tf.tidy(() => f(tf.scalar(x)).dataSync()[0] as number);
const slope = (f: (x: tf.Tensor) => tf.Tensor, x: number): number => (at(f, x + STEP) - at(f, x - STEP)) / (2 * STEP);

describe('gelu', () => {
  it("gives the values of PyTorch's", () => {
    expect([-2, -0.5, 0, 1, 3].map((x) => at(gelu, x))).toEqual(
      [-0.0455003, -0.1542687, 0, 0.8413447, 2.9959502].map((each) => expect.closeTo(each, 5)),
    );
  });

  it('has the derivatives, first and second, that its values have', () => {
    const first = tf.grad(gelu);
    const second = tf.grad((x: tf.Tensor) => first(x));
    fc.assert(
      fc.property(fc.double({ min: -4, max: 4, noNaN: true }), (x) => {
        expect(at(first, x)).toBeCloseTo(slope(gelu, x), 2);
        expect(at(second, x)).toBeCloseTo(slope(first, x), 2);
      }),
    );
  });
});
