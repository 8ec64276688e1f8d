import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerComposedKernels } from './composed-kernels.js';
import { momentumStep } from './momentum-step.js';

beforeAll(async () => {
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

const number = fc.double({ min: -10, max: 10, noNaN: true });

describe('momentumStep', () => {
  it('is its formula, with and without a look ahead, and leaves nothing behind', () => {
    const scenario = fc.record({ value: number, buffer: number, slope: number });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(scenario, share, fc.boolean(), (elements, momentum, nesterov) => {
        const next = momentum * elements.buffer + elements.slope;
        const direction = nesterov ? elements.slope + momentum * next : next;
        const before = tf.memory().numTensors;
        const inputs = {
          value: tf.tensor1d([elements.value]),
          buffer: tf.tensor1d([elements.buffer]),
          slope: tf.tensor1d([elements.slope]),
          momentum: tf.scalar(momentum),
          descent: tf.scalar(-0.1),
        };
        const result = momentumStep(inputs, { nesterov });
        expect(result.buffer.dataSync()[0]).toBeCloseTo(next, 4);
        expect(result.value.dataSync()[0]).toBeCloseTo(elements.value - 0.1 * direction, 4);
        tf.dispose([Object.values(inputs), result.value, result.buffer] as tf.Tensor[]);
        expect(tf.memory().numTensors).toBe(before);
      }),
    );
  });

  it('leaves its operands alone where it is not told to take their place', () => {
    const kept = tf.tidy(() => {
      const [value, buffer] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
      const [slope, momentum, descent] = [tf.tensor1d([5, 6]), tf.scalar(0.5), tf.scalar(-1)];
      momentumStep({ value, buffer, slope, momentum, descent }, { nesterov: false });
      return [...value.dataSync(), ...buffer.dataSync()];
    });
    expect(kept).toEqual([1, 2, 3, 4]);
  });
});
