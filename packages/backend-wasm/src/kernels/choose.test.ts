import { cpu } from '@engine/backend-cpu';
import { choose } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasm } from '../wasm.js';

const backends = [cpu(), wasm({ threads: 1 })];

describe.each(backends.map((backend) => [backend.name, backend] as const))('choosing on %s', (_, backend) => {
  beforeAll(() => backend.init());

  const shape = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });

  it('gives one of two tensors as a whole, whatever their shape, and does not touch the other', () => {
    fc.assert(
      fc.property(shape, fc.boolean(), (extents, condition) => {
        const before = tf.memory().numTensors;
        const { values, shape: got } = tf.tidy(() => {
          const size = extents.reduce((product, extent) => product * extent, 1);
          const ramp = Float32Array.from({ length: size }, (_unused, i) => i + 1);
          const [right, wrong] = [tf.tensor(ramp, extents), tf.fill(extents, Number.NaN)];
          const flag = tf.scalar(condition, 'bool');
          const chosen = condition ? choose(flag, right, wrong) : choose(flag, wrong, right);
          return { values: Array.from(chosen.dataSync()), shape: chosen.shape };
        });
        expect(values).toEqual(values.map((_unused, i) => i + 1));
        expect(got).toEqual(extents);
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: 40 },
    );
  });

  it('owns its elements: what was chosen may be freed', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
      const chosen = choose(tf.scalar(true, 'bool'), a, b);
      tf.dispose([a, b]);
      expect(Array.from(chosen.dataSync())).toEqual([1, 2]);
    });
  });

  it('follows a condition that was computed', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]])];
      const isBad = tf.logicalNot(tf.all(tf.isFinite(tf.tensor1d([1, Number.POSITIVE_INFINITY]))));
      expect(Array.from(choose(isBad, a, b).dataSync())).toEqual([1, 2]);
      expect(Array.from(choose(tf.logicalNot(isBad), a, b).dataSync())).toEqual([3, 4]);
    });
  });
});
