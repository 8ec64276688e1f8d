import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { referenceRoot, withReferenceRoot } from './reference-root.js';

/** Mantissas all over [1, 4), then the same near the smallest and the largest numbers. */
const samples = Array.from({ length: 2000 }, (_, i) => Math.fround(1 + 3 * ((i * 0.618034) % 1))); // the golden ratio spreads them
const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(x)) - 23);

describe('referenceRoot', () => {
  it('is within three quarters of a unit in the last place of the root', () => {
    for (const x of samples) {
      const root = referenceRoot(x);
      expect(Math.fround(root)).toBe(root);
      expect(Math.abs(root - Math.sqrt(x)) / ulp(Math.sqrt(x))).toBeLessThanOrEqual(0.7501);
    }
  });

  it('is the nearest number four times in five', () => {
    const nearest = samples.filter((x) => referenceRoot(x) === Math.fround(Math.sqrt(x)));
    expect(nearest.length / samples.length).toBeCloseTo(0.8, 1);
  });

  it.each([-62, -1, 1, 30, 62])('scales exactly with the power %s of four', (k) => {
    for (const x of samples) expect(referenceRoot(x * 4 ** k)).toBe(referenceRoot(x) * 2 ** k);
  });

  // what torch.tensor(x).sqrt() has printed on the machine of the golden numbers
  it.each([
    [3.999023675918579, 1.9997559785842896],
    [3.9990241527557373, 1.999756097793579],
    [3.0074522495269775, 1.7342008352279663],
    [2.1134235858917236, 1.4537619352340698],
  ])('of %s is what PyTorch has, not the nearest number', (x, root) => {
    expect(referenceRoot(x)).toBe(root);
  });

  it.each([0, -0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -140])('of %s is the ordinary one', (x) => {
    expect(referenceRoot(x)).toBe(Math.fround(Math.sqrt(x)));
  });
});

describe('withReferenceRoot', () => {
  it.each([cpu(), wasm({ threads: 1 })])(
    'changes the root of the backend for as long as the work takes: $name',
    async (backend) => {
      await backend.init();
      const values = Float32Array.from({ length: 400 }, (_, i) => Math.fround(1 + i / 137));
      const roots = async (): Promise<Float32Array> => {
        const x = tf.tensor2d(values.slice(), [20, 20], 'float32');
        const y = tf.sqrt(x);
        const data = (await y.data()) as Float32Array;
        expect(y.shape).toEqual([20, 20]);
        tf.dispose([x, y]);
        return data.slice();
      };
      const own = await roots();
      const tensors = tf.memory().numTensors;
      const theirs = await withReferenceRoot(roots);
      expect(theirs).toEqual(values.map(referenceRoot));
      expect(theirs).not.toEqual(own);
      await expect(withReferenceRoot(() => Promise.reject(new Error('stop')))).rejects.toThrow('stop');
      expect(await roots()).toEqual(own);
      expect(tf.memory().numTensors).toBe(tensors);
      await backend.dispose();
    },
  );
});
