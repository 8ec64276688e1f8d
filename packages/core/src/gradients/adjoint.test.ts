/**
 * An op that is linear in an input has its own transpose for a gradient: `<op(x), dy> = <x, gradient(dy)>` for all x and dy.
 * This holds exactly, so it finds a wrong border, stride or axis that finite differences would blur.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerComposedKernels } from '../ops/composed-kernels.js';
import { convInfo, explicitPads } from './convolution.js';
import {
  conv2dFilterGradient,
  conv2dInputGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
} from './convolution-math.js';
import { registerGradients } from './register.js';

beforeAll(async () => {
  registerGradients();
  registerComposedKernels('cpu');
  await tf.setBackend('cpu');
});

type Op = (x: tf.Tensor) => tf.Tensor;

/** Small whole numbers: their sums of products are exact in float32. */
const whole = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.round(tf.randomUniform([...shape], -4, 4, 'float32', seed + 1));
const dot = (a: tf.Tensor, b: tf.Tensor): number => Number(tf.sum(tf.mul(a, b)).dataSync()[0]);

/** The two sides of the identity, which must agree. */
function sides(op: Op, shape: readonly number[], seed: number): readonly [number, number] {
  let found: readonly [number, number] = [0, 0];
  tf.tidy(() => {
    const x = whole(shape, seed);
    const y = op(x);
    const dy = whole(y.shape, seed + 7);
    found = [dot(y, dy), dot(x, tf.grad(op)(x, dy))];
  });
  return found;
}

const geometry = fc
  .record({
    image: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })),
    window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pad: fc.oneof(fc.constantFrom('same' as const, 'valid' as const), fc.integer({ min: 0, max: 2 })),
    channels: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    seed: fc.nat(1000),
  })
  .map((each) => ({
    ...each,
    dilations: Math.max(...each.strides) > 1 ? ([1, 1] as [number, number]) : each.dilations,
  }))
  .filter(({ image, window, dilations, pad }) =>
    [0, 1].every((axis) => {
      const span = ((window[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
      return pad === 'same' || (image[axis] ?? 0) + 2 * (pad === 'valid' ? 0 : pad) >= span;
    }),
  );

/** Only where the padding is a number does TensorFlow.js want to be told. */
const roundingOf = (pad: number | 'same' | 'valid'): 'floor' | undefined =>
  typeof pad === 'number' ? 'floor' : undefined;

describe('convolutions', () => {
  it('have their transpose for a gradient, in image and filter, whatever the geometry', () => {
    fc.assert(
      fc.property(geometry, ({ image, window, strides, dilations, pad, channels: [input, output], seed }) => {
        const imageShape = [2, ...image, input];
        const filterShape = [...window, input, output];
        const convolve = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
          tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, 'NHWC', dilations, roundingOf(pad));
        const [left, right] = sides((x) => convolve(x, whole(filterShape, seed)), imageShape, seed);
        expect(right).toBe(left);
        const [a, b] = sides((filter) => convolve(whole(imageShape, seed), filter), filterShape, seed);
        expect(b).toBe(a);
      }),
      { numRuns: 60 },
    );
  });

  it.each([false, true])('composed of other kernels they have it too (depthwise: %s)', (depthwise) => {
    fc.assert(
      fc.property(geometry, ({ image, window, strides, dilations, pad, channels: [input, output], seed }) => {
        tf.tidy(() => {
          const x = whole([2, ...image, input], seed) as tf.Tensor4D;
          const filter = whole([...window, input, output], seed + 3) as tf.Tensor4D;
          const y = depthwise
            ? tf.depthwiseConv2d(x, filter, strides, pad, 'NHWC', dilations, roundingOf(pad))
            : tf.conv2d(x, filter, strides, pad, 'NHWC', dilations, roundingOf(pad));
          const dy = whole(y.shape, seed + 5) as tf.Tensor4D;
          const attrs = {
            strides,
            dilations,
            pad,
            ...(typeof pad === 'number' && { dimRoundingMode: 'floor' as const }),
          };
          const info = convInfo({ x: x.shape, filter: filter.shape, depthwise }, attrs);
          expect(info.outShape).toEqual(y.shape);
          const [dx, dfilter] = depthwise
            ? [depthwiseInputGradient(dy, filter, info), depthwiseFilterGradient(x, dy, info)]
            : [conv2dInputGradient(dy, filter, info), conv2dFilterGradient(x, dy, info)];
          expect([dx.shape, dfilter.shape]).toEqual([x.shape, filter.shape]);
          expect([dot(x, dx), dot(filter, dfilter)]).toEqual([dot(y, dy), dot(y, dy)]);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('spell their padding out as TensorFlow.js computes it', () => {
    fc.assert(
      fc.property(geometry, ({ image, window, strides, dilations }) => {
        const x = [1, ...image, 1] as [number, number, number, number];
        const filter = [...window, 1, 1] as [number, number, number, number];
        const { padInfo } = tf.backend_util.computeConv2DInfo(x, filter, strides, dilations, 'same');
        const spelt = explicitPads(x, filter, { strides, dilations, pad: 'same' });
        const [, rows, columns] = spelt === 'valid' ? [[], [0, 0], [0, 0]] : spelt;
        expect([rows, columns]).toEqual([
          [padInfo.top, padInfo.bottom],
          [padInfo.left, padInfo.right],
        ]);
      }),
    );
  });
});

describe('pooling', () => {
  it('averages have their transpose, borders included, up to rounding', () => {
    fc.assert(
      fc.property(geometry, ({ image, window, strides, pad, channels: [input], seed }) => {
        const pool: Op = (x) => tf.avgPool(x as tf.Tensor4D, window, strides, pad === 'same' ? 'same' : 'valid');
        fc.pre(pad === 'same' || (image[0] >= window[0] && image[1] >= window[1]));
        const [left, right] = sides(pool, [2, ...image, input], seed);
        expect(right).toBeCloseTo(left, 3);
      }),
      { numRuns: 60 },
    );
  });

  it('maxima give each dy to one element: the winner', () => {
    fc.assert(
      fc.property(geometry, ({ image, window, strides, pad, channels: [input], seed }) => {
        fc.pre(pad === 'same' || (image[0] >= window[0] && image[1] >= window[1]));
        const pool: Op = (x) => tf.maxPool(x as tf.Tensor4D, window, strides, pad === 'same' ? 'same' : 'valid');
        tf.tidy(() => {
          const x = tf.randomUniform([2, ...image, input], 1, 2, 'float32', seed); // no two alike
          const y = pool(x);
          const dy = whole(y.shape, seed);
          const dx = tf.grad(pool)(x, dy);
          expect(dot(x, dx)).toBeCloseTo(dot(y, dy), 2);
          expect(dot(dx, tf.onesLike(dx))).toBe(dot(dy, tf.onesLike(dy)));
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('other linear ops', () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const shapeAndAxis = shape.chain((extents) =>
    fc.record({
      extents: fc.constant(extents),
      axis: fc.integer({ min: -extents.length, max: extents.length - 1 }),
      flags: fc.tuple(fc.boolean(), fc.boolean()),
      seed: fc.nat(1000),
    }),
  );

  it('sums, running sums and lookups have their transpose along any axis', () => {
    fc.assert(
      fc.property(shapeAndAxis, ({ extents, axis, flags: [first, second], seed }) => {
        const extent = extents.at(axis) ?? 1;
        const rows = tf.tidy(() => tf.floor(tf.randomUniform([2, 3], 0, extent, 'float32', seed)).dataSync());
        const indices = Array.from(rows);
        const ops: readonly Op[] = [
          (x) => tf.sum(x, axis, first),
          (x) => tf.cumsum(x, axis, first, second),
          (x) => tf.gather(x, tf.tensor2d(indices, [2, 3], 'int32'), axis),
        ];
        for (const op of ops) {
          const [left, right] = sides(op, extents, seed);
          expect(right).toBe(left);
        }
        const [left, right] = sides((x) => tf.mean(x, axis, first), extents, seed);
        expect(right).toBeCloseTo(left, 3);
      }),
    );
  });

  it('what was broadcast is summed back to its shape', () => {
    fc.assert(
      fc.property(shape, fc.nat(1000), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (full, seed, kept) => {
        const small = full.map((extent, axis) => (kept[axis] === true ? extent : 1));
        for (const part of [small, small.slice(1)]) {
          const [left, right] = sides((x) => tf.mul(x, whole(full, seed + 2)), part, seed);
          expect(right).toBe(left);
        }
      }),
    );
  });
});
