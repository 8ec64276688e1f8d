import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerComposedKernels } from './composed-kernels.js';
import { labelCrossEntropy } from './label-cross-entropy.js';

beforeAll(async () => {
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

function run(rows: number[][], labels: number[]): { loss: number[]; slope: number[] } {
  return tf.tidy(() => {
    const { loss, slope } = labelCrossEntropy(tf.tensor2d(rows), tf.tensor1d(labels, 'int32'));
    return { loss: [...loss.dataSync()], slope: [...slope.dataSync()] };
  });
}

describe('labelCrossEntropy', () => {
  it('is its formula, and its slope that of softmax', () => {
    const logit = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.array(logit, { minLength: 2, maxLength: 6 }), fc.nat(5), (row, pick) => {
        const label = pick % row.length;
        const total = row.reduce((sum, each) => sum + Math.exp(each), 0);
        const { loss, slope } = run([row], [label]);
        expect(loss[0]).toBeCloseTo(Math.log(total) - (row[label] as number), 4);
        row.forEach((each, i) => expect(slope[i]).toBeCloseTo(Math.exp(each) / total - Number(i === label), 5));
      }),
    );
  });

  it('is finite for logits of any size', () => {
    expect(run([[1e30, -1e30]], [1])).toEqual({ loss: [Math.fround(2e30)], slope: [1, -1] });
  });

  it.each([-100, -1, 3])('gives nothing for the label %i of three classes', (label) => {
    expect(run([[1, 2, 3]], [label]).loss.map(Math.abs)).toEqual([0]);
    expect(run([[1, 2, 3]], [label]).slope.map(Math.abs)).toEqual([0, 0, 0]);
  });
});
