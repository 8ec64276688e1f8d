/** Shapes that nobody thought of: kernels held to the reference backend by random geometry. */
import { cpu } from '@engine/backend-cpu';
import { KeyedRandom, keepMask, labelCrossEntropy, standardize } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import { nativeBackend } from './native-backend.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

type Run = () => tf.Tensor | tf.Tensor[];
interface Result {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/** Distinct values around 0, the same on every backend. */
function waves(shape: number[], phase = 0): tf.Tensor {
  const count = shape.reduce((size, extent) => size * extent, 1);
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i * i * 0.1 + i + phase));
  return tf.tensor(values, shape);
}

function resultsOf(run: Run): Result[] {
  return tf.tidy(() =>
    [run()].flat().map((each) => ({ shape: each.shape, dtype: each.dtype, values: Array.from(each.dataSync()) })),
  );
}

const extent = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const shapes = (ranks: { readonly min: number; readonly max: number }): fc.Arbitrary<number[]> =>
  fc.array(extent(5), { minLength: ranks.min, maxLength: ranks.max });
const window = fc.record({
  image: fc.record({ batch: extent(2), height: extent(9), width: extent(9), channels: extent(4) }),
  size: extent(3),
  stride: extent(3),
  pad: fc.constantFrom('valid' as const, 'same' as const),
});
const fits = ({ image, size, pad }: { image: { height: number; width: number }; size: number; pad: string }): boolean =>
  pad === 'same' || (image.height >= size && image.width >= size);

describe.skipIf(library === undefined)(`kernels of random shapes on TensorFlow${skipped}`, () => {
  const [native, reference] = [nativeBackend({ name: 'node' }), cpu()];
  beforeAll(async () => {
    await reference.init();
    await native.init();
  });
  afterAll(async () => {
    await native.dispose();
    await reference.dispose();
  });

  async function agrees(run: Run, tolerance = 2e-5): Promise<void> {
    await reference.init();
    const expected = resultsOf(run);
    await native.init();
    const actual = resultsOf(run);
    expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      expected.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    for (const [i, { values }] of expected.entries()) {
      const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const off = values.findIndex(
        (value, j) => !(Math.abs(value - (actual[i]?.values[j] as number)) <= tolerance * scale),
      );
      expect(off, `result ${i}, element ${off}: ${values[off]} against ${actual[i]?.values[off]}`).toBe(-1);
    }
  }
  const holds = <T>(given: fc.Arbitrary<T>, run: (given: T) => Run, tolerance?: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(given, (each) => agrees(run(each), tolerance)),
      { numRuns: 25 },
    );

  const laws: Readonly<Record<string, () => Promise<void>>> = {
    'reduce over any axes, kept or not': () =>
      holds(
        shapes({ min: 1, max: 5 }).chain((shape) =>
          fc.tuple(
            fc.constant(shape),
            fc.subarray(
              shape.map((_, axis) => axis),
              { minLength: 1 },
            ),
            fc.boolean(),
          ),
        ),
        ([shape, axes, keepDims]) =>
          () => [
            tf.sum(waves(shape), axes, keepDims),
            tf.mean(waves(shape), axes, keepDims),
            tf.max(waves(shape), axes, keepDims),
            tf.sum(tf.cast(tf.mul(waves(shape), 9), 'int32'), axes, keepDims),
          ],
      ),

    'add up what was broadcast when they differentiate': () =>
      holds(
        shapes({ min: 1, max: 4 }).chain((shape) =>
          fc.tuple(fc.constant(shape), fc.tuple(...shape.map((each) => fc.constantFrom(each, 1))), fc.nat(3)),
        ),
        ([shape, flat, cut]) =>
          () =>
            tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.mul(tf.add(a, b), b))([
              waves(shape),
              waves(flat.slice(Math.min(cut, flat.length)), 2),
            ]),
      ),

    'pool with gradients': () =>
      holds(window.filter(fits), ({ image: { batch, height, width, channels }, size, stride, pad }) => () => {
        const x = waves([batch, height, width, channels]) as tf.Tensor4D;
        const pooled = tf.maxPool(x, size, stride, pad);
        const slope = (run: (given: tf.Tensor4D) => tf.Tensor): tf.Tensor =>
          tf.grad((given: tf.Tensor) => tf.mul(run(given as tf.Tensor4D), waves(pooled.shape, 1)))(x);
        return [
          pooled,
          tf.avgPool(x, size, stride, pad),
          slope((given) => tf.maxPool(given, size, stride, pad)),
          slope((given) => tf.avgPool(given, size, stride, pad)),
        ];
      }),

    'convolve with gradients, with any padding': () =>
      holds(
        fc.record({ geometry: window.filter(fits), outputs: extent(3), before: fc.nat(2), after: fc.nat(2) }),
        ({ geometry: { image, size, stride, pad }, outputs, before, after }) =>
          () => {
            const { batch, height, width, channels } = image;
            const x = waves([batch, height, width, channels]);
            const filter = waves([size, size, channels, outputs], 3);
            const sides: [number, number] = [before, after];
            const explicit: tf.backend_util.ExplicitPadding = [[0, 0], sides, [after, before], [0, 0]];
            return [pad, explicit]
              .filter(
                (each) =>
                  typeof each === 'string' ||
                  fits({
                    image: { height: height + before + after, width: width + before + after },
                    size,
                    pad: 'valid',
                  }),
              )
              .flatMap((each) =>
                tf.grads((given: tf.Tensor, weight: tf.Tensor) =>
                  tf.square(tf.conv2d(given as tf.Tensor4D, weight as tf.Tensor4D, stride, each as 'same')),
                )([x, filter]),
              );
          },
        1e-4,
      ),

    'multiply batches of matrices, transposed or not': () =>
      holds(
        fc.record({
          batch: shapes({ min: 0, max: 2 }),
          rows: extent(4),
          inner: extent(4),
          columns: extent(4),
          left: fc.boolean(),
          right: fc.boolean(),
        }),
        ({ batch, rows, inner, columns, left, right }) =>
          () =>
            tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, left, right))([
              waves([...batch, ...(left ? [inner, rows] : [rows, inner])]),
              waves([...batch, ...(right ? [columns, inner] : [inner, columns])], 1),
            ]),
      ),

    'standardize slices with gradients': () =>
      holds(
        fc.tuple(extent(4), extent(5), extent(3), fc.integer({ min: 2, max: 6 })),
        (shape) => () => {
          const x = waves([...shape]) as tf.Tensor4D;
          const { y, mean, var: variance } = standardize(x, 1e-2);
          const slope = tf.grad((given: tf.Tensor) =>
            tf.mul(standardize(given as tf.Tensor4D, 1e-2).y, waves([...shape], 4)),
          )(x);
          return [y, mean, variance, slope];
        },
        1e-4,
      ),

    'tell labels from what is none': () =>
      holds(
        fc.record({ rows: extent(6), classes: extent(7), scale: fc.constantFrom(1, 30, 1e4), seed: fc.nat(1000) }),
        ({ rows, classes, scale, seed }) =>
          () => {
            const labels = Array.from({ length: rows }, (_, i) => ((seed + 3 * i) % (classes + 2)) - 1);
            const { loss, slope } = labelCrossEntropy(
              tf.mul(waves([rows, classes]), scale),
              tf.tensor1d(labels, 'int32'),
            );
            return [loss, slope];
          },
      ),

    'draw the very masks of the reference': () =>
      holds(
        fc.record({
          shape: shapes({ min: 0, max: 4 }),
          keep: fc.double({ min: 1e-3, max: 1, noNaN: true }),
          seed: fc.maxSafeInteger(),
        }),
        ({ shape, keep, seed }) =>
          () =>
            keepMask(new KeyedRandom(seed, 'dropout', 3, 'layer'), { shape, keep }),
        0,
      ),

    'put together and take apart': () =>
      holds(
        shapes({ min: 1, max: 4 }).chain((shape) =>
          fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), fc.integer({ min: 1, max: 3 })),
        ),
        ([shape, axis, times]) =>
          () => {
            const x = waves(shape);
            const joined = tf.concat(
              Array.from({ length: times }, (_, i) => tf.add(x, i)),
              axis,
            );
            return [
              joined,
              ...tf.split(joined, times, axis),
              tf.stack([x, tf.neg(x)], axis),
              tf.reverse(x, axis),
              tf.transpose(x),
              tf.tile(
                x,
                shape.map((_, i) => (i === axis ? times : 1)),
              ),
              tf.pad(
                x,
                shape.map((_, i): [number, number] => (i === axis ? [times, 1] : [0, 0])),
              ),
              tf.cumsum(x, axis),
              tf.softmax(x),
            ];
          },
      ),
  };

  it.each(Object.entries(laws))('%s', async (_name, law) => {
    await expect(law()).resolves.toBeUndefined();
  });
});
