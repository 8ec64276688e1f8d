import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AdamStepInputs, adamStep } from './adam-step.js';
import { registerComposedKernels } from './composed-kernels.js';

beforeAll(async () => {
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

const number = fc.double({ min: -10, max: 10, noNaN: true });
const scenario = fc.record({
  start: number,
  slope: number,
  average: number,
  averageSquare: fc.double({ min: 0.01, max: 10, noNaN: true }),
  share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  keepSquare: fc.double({ min: 0.5, max: 0.999, noNaN: true }),
  root: fc.double({ min: 0.1, max: 1, noNaN: true }),
  descent: fc.double({ min: -0.1, max: -0.001, noNaN: true }),
});

describe('adamStep', () => {
  it('is its formula, from either end of the average, and leaves nothing behind', () => {
    fc.assert(
      fc.property(scenario, fc.boolean(), ({ share, keepSquare, root, descent, ...elements }, fromSlope) => {
        const { start, slope } = elements;
        const average = elements.average + (slope - elements.average) * share;
        const averageSquare = keepSquare * elements.averageSquare + (1 - keepSquare) * slope ** 2;
        const value = start + (descent * average) / (Math.sqrt(averageSquare) / root + 1e-3);
        const rates = {
          intake: fromSlope ? share - 1 : share,
          keepSquare,
          intakeSquare: 1 - keepSquare,
          root,
          descent,
          eps: 1e-3,
        };
        const before = tf.memory().numTensors;
        const inputs = Object.fromEntries(
          [...Object.entries(elements), ...Object.entries(rates)].map(([name, each]) => [name, tf.scalar(each)]),
        ) as unknown as AdamStepInputs;
        const result = adamStep(inputs, { fromSlope });
        for (const [got, want] of [
          [result.value, value],
          [result.average, average],
          [result.averageSquare, averageSquare],
        ] as const)
          expect(Math.abs((got.dataSync()[0] as number) - want)).toBeLessThan(1e-5 * Math.max(1, Math.abs(want)));
        tf.dispose([Object.values(inputs), Object.values(result)] as tf.Tensor[][]);
        expect(tf.memory().numTensors).toBe(before);
      }),
    );
  });
});
