import { TorchGenerator } from '@engine/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constant,
  dirac,
  eye,
  fans,
  gainOf,
  type Initializer,
  kaimingNormal,
  orthogonal,
  sparse,
  truncNormal,
  uniform,
  xavierUniform,
} from './index.js';

describe('arithmetic', () => {
  it('counts fans of kernels', () => {
    expect(fans([8, 3, 5, 5])).toEqual({ fanIn: 75, fanOut: 200 });
  });

  it('ENGINE_MODEL_BAD_INITIALIZER: a vector has no fans', () => {
    expect(() => kaimingNormal()([4], new TorchGenerator(0))).toThrow('ENGINE_MODEL_BAD_INITIALIZER');
  });

  it('knows the gains', () => {
    expect([
      gainOf('linear'),
      gainOf('sigmoid'),
      gainOf('tanh'),
      gainOf('relu'),
      gainOf('leaky_relu', 1),
      gainOf('leaky_relu'),
      gainOf('conv_transpose2d'),
      gainOf('selu'),
    ]).toEqual([1, 1, 5 / 3, Math.SQRT2, 1, Math.sqrt(2 / 1.0001), 1, 0.75]);
  });

  it('keeps every draw in its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
        (seed, shape) => {
          const bound = Math.sqrt(6 / (shape[0] + shape[1]));
          const values = xavierUniform()(shape, new TorchGenerator(seed));
          expect(values).toHaveLength(shape[0] * shape[1]);
          expect(values.every((x) => Math.abs(x) <= Math.fround(bound))).toBe(true);
          const cut = truncNormal({ a: -0.5, b: 0.25 })(shape, new TorchGenerator(seed));
          expect(cut.every((x) => x >= -0.5 && x <= 0.25)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});

const extents = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }));
const draw = (init: Initializer, shape: readonly number[], seed = 0): Float32Array =>
  init(shape, new TorchGenerator(seed));

describe('structured initialisers (their draws are replayed by parity area samplers)', () => {
  it('orthogonal: rows or columns are orthonormal times the gain', () => {
    fc.assert(
      fc.property(fc.nat(), extents, (seed, [rows, columns]) => {
        const w = draw(orthogonal(2), [rows, columns], seed);
        const at = (i: number, k: number): number =>
          (rows < columns ? w[i * columns + k] : w[k * columns + i]) as number;
        const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
        for (let i = 0; i < count; i++)
          for (let j = 0; j < count; j++) {
            let dot = 0;
            for (let k = 0; k < length; k++) dot += at(i, k) * at(j, k);
            expect(Math.abs(dot - (i === j ? 4 : 0))).toBeLessThan(1e-5);
          }
      }),
    );
  });

  it('eye and dirac pass values on', () => {
    expect([...draw(eye(), [2, 3])]).toEqual([1, 0, 0, 0, 1, 0]);
    expect([...draw(dirac(), [2, 2, 3])]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect([...draw(dirac(2), [2, 1, 1])]).toEqual([1, 1]);
  });

  it('sparse: as many zeros in every column, rounded up', () => {
    const w = draw(sparse(0.3), [7, 4]);
    for (let column = 0; column < 4; column++)
      expect([0, 1, 2, 3, 4, 5, 6].filter((row) => w[row * 4 + column] === 0)).toHaveLength(3);
  });

  it.each<[string, Initializer, number[]]>([
    ['orthogonal of a vector', orthogonal(), [3]],
    ['eye of a kernel', eye(), [3, 3, 1]],
    ['dirac of a matrix', dirac(), [3, 3]],
    ['dirac of groups that do not fit', dirac(2), [3, 3, 1]],
    ['sparse of a vector', sparse(0.5), [3]],
  ])('ENGINE_MODEL_BAD_INITIALIZER: %s', (_, init, shape) => {
    expect(() => draw(init, shape)).toThrow('ENGINE_MODEL_BAD_INITIALIZER');
  });

  it('constant and uniform fill everything', () => {
    expect([...draw(constant(2), [2, 1])]).toEqual([2, 2]);
    expect(draw(uniform(3, 4), [5]).every((x) => x >= 3 && x < 4)).toBe(true);
  });
});
