/** Reduced precision: products are computed in it, tensors stay float32, and nothing is left behind. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import { nativeBackend } from './native-backend.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

type Tensors = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor2D];
const make = (): Tensors => [
  tf.randomNormal<tf.Rank.R4>([4, 9, 9, 8], 0, 1, 'float32', 1),
  tf.randomNormal<tf.Rank.R4>([3, 3, 8, 16], 0, 0.2, 'float32', 2),
  tf.randomNormal<tf.Rank.R2>([16, 5], 0, 0.3, 'float32', 3),
];

/** A convolution with padding and stride, a smooth nonlinearity (a kink would turn rounding into other gradients) and a matrix product. */
const network = (x: tf.Tensor, w: tf.Tensor, v: tf.Tensor): tf.Tensor => {
  const features = tf.tanh(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 1, 'NHWC', 1, 'floor'));
  return tf.matMul(tf.mean(features, [1, 2]), v);
};

function run(): tf.Tensor[] {
  return tf.tidy(() => {
    const [x, w, v] = make();
    const given = [x, w, v] as tf.Tensor[];
    return [network(x, w, v), ...tf.grads(network as (...all: tf.Tensor[]) => tf.Tensor)(given)];
  });
}

function valuesOf(tensors: tf.Tensor[]): Float32Array[] {
  const values = tensors.map((each) => each.dataSync<'float32'>());
  tf.dispose(tensors);
  return values;
}

function error(actual: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))), 0) / scale;
}

describe.skipIf(library === undefined)(`autocast on TensorFlow${skipped}`, () => {
  const backend = nativeBackend({ name: 'node' });
  const autocast = <T>(dtype: 'bfloat16' | 'float16', inside: () => T): T =>
    (backend as Required<typeof backend>).autocast(dtype, inside);
  const handles = (): number => (tf.backend() as unknown as { runtime: { liveHandles: number } }).runtime.liveHandles;
  beforeAll(() => backend.init());
  afterAll(() => backend.dispose());

  it.each([
    ['bfloat16', 2 ** -8],
    ['float16', 2 ** -11],
  ] as const)('computes values and gradients in %s', (dtype, unit) => {
    const exact = valuesOf(run());
    const low = autocast(dtype, run);
    expect(low.map((each) => each.dtype)).toEqual(['float32', 'float32', 'float32', 'float32']);
    const rounded = valuesOf(low);
    const errors = rounded.map((values, i) => error(values, exact[i] as Float32Array));
    for (const each of errors) {
      expect(each).toBeGreaterThan(unit / 200); // it was rounded
      expect(each).toBeLessThan(unit * 8);
    }
  });

  it('ends with the region, even where that throws', () => {
    const exact = valuesOf(run());
    expect(() =>
      autocast('bfloat16', () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(valuesOf(run())).toEqual(exact);
  });

  it('leaves nothing behind, inside or outside', () => {
    valuesOf(autocast('bfloat16', run));
    const [x, w, v] = make();
    tf.dispose(autocast('bfloat16', () => tf.tidy(() => network(x, w, v))));
    const before = [handles(), tf.memory().numTensors];
    for (let i = 0; i < 5; i++) {
      tf.dispose(autocast('bfloat16', () => tf.tidy(() => network(x, w, v))));
      valuesOf(autocast('bfloat16', run));
    }
    expect([handles(), tf.memory().numTensors]).toEqual(before);
    tf.dispose([x, w, v]);
  });

  it('sees new values of a tensor that was converted before', () => {
    const total = tf.tidy(() => {
      const x = tf.ones<tf.Rank.R2>([2, 2]);
      const w = tf.variable(tf.ones<tf.Rank.R2>([2, 2]));
      const first = autocast('bfloat16', () => tf.sum(tf.matMul(x, w)).dataSync()[0]);
      w.assign(tf.mul(w, 3));
      const second = autocast('bfloat16', () => tf.sum(tf.matMul(x, w)).dataSync()[0]);
      w.dispose();
      return [first, second];
    });
    expect(total).toEqual([8, 24]);
  });

  it('leaves products of integers alone', () => {
    const product = autocast('bfloat16', () =>
      tf.tidy(() => tf.matMul(tf.tensor2d([[1, 257]], [1, 2], 'int32'), tf.tensor2d([[1], [1]], [2, 1], 'int32'))),
    );
    expect([...product.dataSync()]).toEqual([258]);
    product.dispose();
  });
});
