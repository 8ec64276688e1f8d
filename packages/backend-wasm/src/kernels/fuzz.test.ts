/** Kernels that are loops over the heap, against loops over arrays, for any geometry. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasm } from '../wasm.js';

const backend = wasm({ threads: 1 });
beforeAll(() => backend.init());
afterAll(() => backend.dispose());

const extent = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
const valuesOf = (compute: () => tf.Tensor): number[] => Array.from(tf.tidy(compute).dataSync());

/** The values of a scope's result; the result is freed. */
function read(compute: () => tf.Tensor): number[] {
  const result = tf.tidy(compute);
  const values = Array.from(result.dataSync());
  result.dispose();
  return values;
}

interface Pooling {
  readonly shape: [number, number, number, number];
  readonly kernel: [number, number];
  readonly stride: [number, number];
  /** Top, bottom, left, right: less than the kernel, as layers make them. */
  readonly pads: [number, number, number, number];
}

const poolings: fc.Arbitrary<Pooling> = fc
  .record({
    shape: fc.tuple(extent(2), extent(7), extent(7), extent(3)),
    kernel: fc.tuple(extent(4), extent(4)),
    stride: fc.tuple(extent(3), extent(3)),
    pads: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
  })
  .map(({ pads: [top, bottom, left, right], ...rest }): Pooling => {
    const [kh, kw] = rest.kernel;
    return { ...rest, pads: [top % kh, bottom % kh, left % kw, right % kw] };
  })
  .filter(({ shape: [, h, w], kernel: [kh, kw], pads: [t, b, l, r] }) => h + t + b >= kh && w + l + r >= kw);

/** Adds each window's gradient to its first largest element. */
function referenceGradient({ shape, kernel, stride, pads }: Pooling, x: readonly number[], dy: readonly number[]) {
  const [batch, height, width, channels] = shape;
  const [rows, columns] = [
    Math.floor((height + pads[0] + pads[1] - kernel[0]) / stride[0]) + 1,
    Math.floor((width + pads[2] + pads[3] - kernel[1]) / stride[1]) + 1,
  ];
  const dx = x.map(() => 0);
  let at = 0;
  for (let n = 0; n < batch; n++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let c = 0; c < channels; c++, at++) {
          let best = -1;
          for (let y = i * stride[0] - pads[0]; y < i * stride[0] - pads[0] + kernel[0]; y++)
            for (let z = j * stride[1] - pads[2]; z < j * stride[1] - pads[2] + kernel[1]; z++) {
              if (y < 0 || y >= height || z < 0 || z >= width) continue;
              const place = ((n * height + y) * width + z) * channels + c;
              if (best < 0 || (x[place] as number) > (x[best] as number)) best = place;
            }
          dx[best] = (dx[best] as number) + (dy[at] as number);
        }
  return { dx, size: [batch, rows, columns, channels] };
}

describe('the gradient of maximum pooling', () => {
  it('goes to the first largest element of each window, with ties and any padding', () => {
    const numbers = fc.infiniteStream(fc.constantFrom(-2, -1, -0.5, 0.25, 1, 3)); // few of them, so that there are ties
    fc.assert(
      fc.property(poolings, numbers, (pooling, stream) => {
        const { shape, kernel, stride, pads } = pooling;
        const draw = (size: number): number[] => Array.from({ length: size }, () => stream.next().value as number);
        const x = draw(shape.reduce((size, side) => size * side, 1));
        const { size } = referenceGradient(pooling, x, []);
        const dy = draw(size.reduce((product, side) => product * side, 1));
        const pad = [
          [0, 0],
          [pads[0], pads[1]],
          [pads[2], pads[3]],
          [0, 0],
        ] as unknown as 'valid';
        const pool = (input: tf.Tensor): tf.Tensor => tf.maxPool(input as tf.Tensor4D, kernel, stride, pad);
        const gradient = read(() =>
          tf.grad(pool)(tf.tensor4d(x, shape), tf.tensor4d(dy, size as [number, number, number, number])),
        );
        expect(gradient).toEqual(referenceGradient(pooling, x, dy).dx);
      }),
      { numRuns: 150 },
    );
  });
});

describe('segment sums', () => {
  it('add every row to the segment it names, in order, floats and integers', () => {
    const rows = fc.record({
      ids: fc.array(fc.integer({ min: -2, max: 6 }), { minLength: 1, maxLength: 20 }),
      width: extent(5),
      segments: extent(5),
      dtype: fc.constantFrom('float32' as const, 'int32' as const),
    });
    fc.assert(
      fc.property(rows, ({ ids, width, segments, dtype }) => {
        const x = ids.flatMap((_, row) => Array.from({ length: width }, (__, i) => row * 3 + i));
        const expected = Array.from({ length: segments * width }, () => 0);
        for (const [row, id] of ids.entries()) {
          if (id < 0 || id >= segments) continue;
          for (let i = 0; i < width; i++)
            expected[id * width + i] = (expected[id * width + i] as number) + (x[row * width + i] as number);
        }
        const sums = read(() =>
          tf.unsortedSegmentSum(tf.tensor2d(x, [ids.length, width], dtype), tf.tensor1d(ids, 'int32'), segments),
        );
        expect(sums).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('are the gradient of a lookup, where a row that is looked up twice gets both', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }), (indices) => {
        const gradient = read(() =>
          tf.grad((table: tf.Tensor) => tf.sum(tf.gather(table, tf.tensor1d(indices, 'int32'))))(tf.ones([5, 2])),
        );
        const counts = Array.from({ length: 5 }, (_, row) => indices.filter((index) => index === row).length);
        expect(gradient).toEqual(counts.flatMap((count) => [count, count]));
      }),
      { numRuns: 30 },
    );
  });
});

describe('one hot', () => {
  it('is what its name says, in any type and for labels out of range', () => {
    const labels = fc.array(fc.integer({ min: -3, max: 8 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(labels, extent(6, 2), fc.constantFrom('float32', 'int32', 'bool'), (indices, depth, dtype) => {
        const hot = read(() => tf.oneHot(tf.tensor1d(indices, 'int32'), depth, 1, 0, dtype as 'float32'));
        expect(hot).toEqual(indices.flatMap((label) => Array.from({ length: depth }, (_, i) => Number(label === i))));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the heap', () => {
  it('does not grow with steps: neither packed matrices nor temporaries stay', () => {
    const step = (): void => {
      const [a, b] = [tf.randomNormal([64, 256]), tf.randomNormal([256, 128])] as [tf.Tensor2D, tf.Tensor2D];
      const image = tf.reshape(a, [1, 64, 64, 4]) as tf.Tensor4D;
      const product = valuesOf(() => tf.matMul(a, b));
      const pooled = valuesOf(() => tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'))(image));
      expect([product.length, pooled.length]).toEqual([64 * 128, 64 * 256]);
    };
    for (let i = 0; i < 5; i++) tf.tidy(step);
    const warm = backend.memory();
    for (let i = 0; i < 150; i++) tf.tidy(step); // 30 MiB, were they kept
    expect(backend.memory()).toEqual(warm);
  });
});
