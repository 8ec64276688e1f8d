import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MaxPool1d, MaxPool2d, MaxPool3d, MaxUnpool1d, MaxUnpool2d, MaxUnpool3d } from '../index.js';

const noise = (shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1)),
    shape,
  );
const values = (compute: () => tf.Tensor): number[] => tf.tidy(() => [...compute().dataSync()]);

describe.each([cpu(), wasm()])('places of maxima on $name', (backend) => {
  beforeAll(() => backend.init());

  it('are where the maxima lie, whatever the windows', () => {
    const geometry = fc.record({
      kernelSize: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      padding: fc.constantFrom(0, 1),
      ceilMode: fc.boolean(),
    });
    fc.assert(
      fc.property(geometry, ({ kernelSize, padding, ...options }) => {
        tf.tidy(() => {
          const layer = new MaxPool2d(kernelSize, { ...options, padding: kernelSize > 1 ? padding : 0 });
          const x = noise([2, 6, 5, 3]);
          const [maxima, indices] = layer.withIndices(x);
          expect(indices.shape).toEqual(maxima.shape);
          const [flat, places] = [x.dataSync(), indices.dataSync()];
          const perImage = places.length / 2;
          const found = Array.from(places, (place, i) => flat[(Math.floor(i / perImage) * 30 + place) * 3 + (i % 3)]);
          expect(found).toEqual([...maxima.dataSync()]);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('are the first of equals', () => {
    expect(values(() => new MaxPool1d(3).withIndices(tf.ones([1, 6, 1]))[1])).toEqual([0, 3]);
  });

  it('take values back, in one, two and three axes', () => {
    tf.tidy(() => {
      const sequence = tf.tensor3d([1, 5, 3, 2], [1, 4, 1]);
      expect([...new MaxUnpool1d(2).apply(...new MaxPool1d(2).withIndices(sequence)).dataSync()]).toEqual([0, 5, 3, 0]);
      const x = noise([1, 2, 4, 4, 2]);
      const [maxima, indices] = new MaxPool3d(2).withIndices(x);
      const whole = new MaxUnpool3d(2).apply(maxima, indices);
      expect(whole.shape).toEqual(x.shape);
      expect(tf.sum(whole).dataSync()[0]).toBeCloseTo(tf.sum(maxima).dataSync()[0] as number, 5);
      expect([...new MaxPool3d(2).apply(whole).dataSync()]).toEqual([...maxima.dataSync()].map((y) => Math.max(y, 0)));
    });
  });

  it('fill the size that is asked for', () => {
    tf.tidy(() => {
      const [maxima, indices] = new MaxPool2d(2).withIndices(noise([1, 5, 4, 1]));
      expect(new MaxUnpool2d(2).apply(maxima, indices).shape).toEqual([1, 4, 4, 1]);
      expect(new MaxUnpool2d(2).apply(maxima, indices, [5, 4]).shape).toEqual([1, 5, 4, 1]);
    });
  });

  it('give overlapping windows their common maximum, and its gradient to each', () => {
    tf.tidy(() => {
      const x = tf.tensor3d([0, 9, 0], [1, 3, 1]);
      const [maxima, indices] = new MaxPool1d(2, { stride: 1 }).withIndices(x);
      const unpool = new MaxUnpool1d(2, { stride: 1 });
      expect([...unpool.apply(maxima, indices).dataSync()]).toEqual([0, 9, 0]);
      const gradient = tf.grad((y: tf.Tensor) => tf.mul(unpool.apply(y, indices), tf.tensor3d([1, 2, 3], [1, 3, 1])));
      expect([...gradient(maxima).dataSync()]).toEqual([2, 2]);
    });
  });

  it('must be those of the input', () => {
    const unpool = new MaxUnpool2d(2);
    const run = (indices: () => tf.Tensor) => () => values(() => unpool.apply(tf.zeros([1, 2, 2, 1]), indices()));
    expect(run(() => tf.zeros([1, 2, 2, 1]))).toThrow('ENGINE_MODEL_SHAPE_MISMATCH');
    expect(run(() => tf.zeros([1, 2, 1, 1], 'int32'))).toThrow('ENGINE_MODEL_SHAPE_MISMATCH');
    expect(() => new MaxUnpool2d(0)).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
  });
});
