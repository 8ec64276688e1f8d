import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CrossEntropyOptions, crossEntropy, mseLoss, upload } from '../index.js';

beforeAll(() => cpu().init());

const value = (compute: () => tf.Tensor): number => tf.tidy(() => compute().dataSync()[0] as number);
const labelsOf = (...labels: number[]): tf.Tensor =>
  upload(hostArray('int64', [labels.length], BigInt64Array.from(labels, BigInt)));

/** In doubles, straight from the definition. */
function reference(rows: readonly (readonly number[])[], labels: readonly number[], smoothing: number): number {
  const losses = rows.map((row, i) => {
    const top = Math.max(...row);
    const norm = top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
    const even = row.reduce((sum, x) => sum + norm - x, 0) / row.length;
    return (1 - smoothing) * (norm - (row[labels[i] as number] as number)) + smoothing * even;
  });
  return losses.reduce((sum, x) => sum + x, 0) / losses.length;
}

describe('crossEntropy', () => {
  it('is the definition', () => {
    const row = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 4, maxLength: 4 });
    const batch = fc.array(fc.tuple(row, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(batch, fc.double({ min: 0, max: 1, noNaN: true }), (items, labelSmoothing) => {
        const rows = items.map(([x]) => [...Float32Array.from(x)]);
        const labels = items.map(([, label]) => label);
        const ours = value(() => crossEntropy(tf.tensor2d(rows), labelsOf(...labels), { labelSmoothing }));
        const expected = reference(rows, labels, labelSmoothing);
        expect(Math.abs(ours - expected)).toBeLessThan(1e-5 * Math.max(1, expected));
      }),
      { numRuns: 60 },
    );
  });

  it('is zero, gradient too, where there is but one class; rows may be ignored there as well', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([[3], [-7], [1]]);
      const loss = (x: tf.Tensor): tf.Scalar => crossEntropy(x, labelsOf(0, 0, -100)) as tf.Scalar;
      expect(loss(logits).dataSync()[0]).toBeCloseTo(0, 12);
      expect(tf.max(tf.abs(tf.grad(loss)(logits))).dataSync()[0]).toBe(0);
      const each = crossEntropy(logits, labelsOf(0, 0, -100), { reduction: 'none', weight: tf.tensor1d([2]) });
      expect(each.shape).toEqual([3]);
    });
  });

  it('stays finite, gradient too, for logits of any size', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([
        [1e30, -1e30, 0],
        [-1e4, -1e4, -1e4],
      ]);
      const [gradient] = tf.grads((x: tf.Tensor) => crossEntropy(x, labelsOf(0, 2)) as tf.Scalar)([logits]) as [
        tf.Tensor,
      ];
      expect([...gradient.dataSync()].map((x) => x + 0)).toEqual(
        [0, 0, 0, 1 / 6, 1 / 6, -1 / 3].map((x) => expect.closeTo(x, 5)),
      );
      expect(value(() => crossEntropy(logits, labelsOf(0, 2)))).toBeCloseTo(Math.log(3) / 2, 5);
    });
  });

  it('makes few tensors in its gradient, and leaks none', () => {
    tf.tidy(() => {
      const logits = tf.ones([8, 10]);
      const labels = labelsOf(0, 1, 2, 3, 4, 5, 6, 7);
      const gradient = tf.grad((x: tf.Tensor) => crossEntropy(x, labels) as tf.Scalar);
      tf.dispose(gradient(logits));
      const before = tf.memory().numTensors;
      tf.dispose(gradient(logits));
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it.each<[string, number[], CrossEntropyOptions]>([
    ['too large', [0, 3], {}],
    ['negative', [-1, 0], {}],
    ['one below the ignored one', [-101, 0], {}],
    ['the default ignored one, when another is', [-100, 0], { ignoreIndex: 1 }],
  ])('ENGINE_MODEL_LABEL_OUT_OF_RANGE: %s', (_, labels, options) => {
    expect(() => value(() => crossEntropy(tf.zeros([2, 3]), labelsOf(...labels), options))).toThrow(
      /ENGINE_MODEL_LABEL_OUT_OF_RANGE[\s\S]*expected {2}labels in \[0, 3\)[\s\S]*at index [01]/,
    );
  });

  it('takes ignored labels', () => {
    const one = value(() => crossEntropy(tf.tensor2d([[1, 2, 3]]), labelsOf(2)));
    expect(
      value(() =>
        crossEntropy(
          tf.tensor2d([
            [1, 2, 3],
            [9, 9, 0],
          ]),
          labelsOf(2, -100),
        ),
      ),
    ).toBeCloseTo(one, 6);
    expect(
      value(() =>
        crossEntropy(
          tf.tensor2d([
            [1, 2, 3],
            [9, 9, 0],
          ]),
          labelsOf(2, 0),
          { ignoreIndex: 0 },
        ),
      ),
    ).toBeCloseTo(one, 6);
  });

  it('takes dense predictions', () => {
    const shape = tf.tidy(
      () => crossEntropy(tf.zeros([2, 3, 4, 5]), tf.zeros([2, 3, 4], 'int32'), { reduction: 'none' }).shape,
    );
    expect(shape).toEqual([2, 3, 4]);
  });

  it('takes probabilities; hard ones mean the same as labels', () => {
    const rows = [
      [1, 2, 3],
      [0, -1, 4],
    ];
    const hard = [
      [0, 1, 0],
      [0, 0, 1],
    ];
    const options = { labelSmoothing: 0.1 };
    const soft = value(() => crossEntropy(tf.tensor2d(rows), tf.tensor2d(hard), options));
    expect(soft).toBeCloseTo(
      value(() => crossEntropy(tf.tensor2d(rows), labelsOf(1, 2), options)),
      6,
    );
  });

  it('ENGINE_MODEL_BAD_LOSS_OPTION and weights of another number of classes', () => {
    const run = (options: CrossEntropyOptions): number =>
      value(() => crossEntropy(tf.zeros([1, 3]), labelsOf(0), options));
    expect(() => run({ labelSmoothing: 1.5 })).toThrow('ENGINE_MODEL_BAD_LOSS_OPTION');
    expect(() => tf.tidy(() => run({ weight: tf.ones([2]) }))).toThrow(
      /ENGINE_MODEL_SHAPE_MISMATCH[\s\S]*weight of shape \(3\)/,
    );
  });

  it('ENGINE_MODEL_SHAPE_MISMATCH and ENGINE_MODEL_DTYPE_MISMATCH', () => {
    expect(() => value(() => crossEntropy(tf.zeros([2, 3]), labelsOf(0)))).toThrow(
      /ENGINE_MODEL_SHAPE_MISMATCH[\s\S]*scores \(2, 3\) float32, labels \(1\) int32/,
    );
    expect(() => value(() => crossEntropy(tf.zeros([2, 3]), tf.zeros([2])))).toThrow('ENGINE_MODEL_DTYPE_MISMATCH');
  });
});

describe('mseLoss', () => {
  it('refuses to broadcast: ENGINE_MODEL_SHAPE_MISMATCH', () => {
    expect(() => value(() => mseLoss(tf.zeros([2, 1]), tf.zeros([2])))).toThrow('ENGINE_MODEL_SHAPE_MISMATCH');
  });

  it('means, sums or keeps', () => {
    const of = (reduction?: 'mean' | 'sum' | 'none'): number[] =>
      tf.tidy(() => [
        ...mseLoss(tf.tensor1d([1, 2]), tf.tensor1d([4, 2]), reduction === undefined ? {} : { reduction }).dataSync(),
      ]);
    expect([of(), of('sum'), of('none')]).toEqual([[4.5], [9], [9, 0]]);
  });
});
