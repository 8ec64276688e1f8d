import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { normal, Parameter } from '../index.js';
import { directionalError } from './gradient-check.js';

let parameter: Parameter;
beforeAll(() => cpu().init());
beforeEach(() => {
  parameter = new Parameter([5], normal());
});
afterEach(() => parameter.dispose());

/** Squares, with a gradient that is `factor` times the right one. */
function squares(factor: number): tf.Tensor {
  const op = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: tf.square(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.mul(saved as tf.Tensor, 2 * factor)),
    };
  });
  return op(parameter.value);
}

describe('directionalError', () => {
  it('is small for a right gradient and as large as its error for a wrong one', async () => {
    const error = (factor: number): Promise<number> =>
      directionalError({ output: () => squares(factor), parameter, seed: 3 });
    expect(await error(1)).toBeLessThan(1e-3);
    expect(await error(1.1)).toBeCloseTo(0.1 / 1.1, 2);
    expect(await error(0)).toBeCloseTo(1, 5);
  });

  it('puts the parameter back', async () => {
    const before = parameter.value.dataSync().slice();
    await directionalError({ output: () => squares(1), parameter, seed: 3 });
    expect(parameter.value.dataSync()).toEqual(before);
  });
});
