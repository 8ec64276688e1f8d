import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf } from './host-array.js';
import type { TorchLayout } from './parameter.js';
import { fromTorchLayout, shapeFromTorch, shapeToTorch, toTorchLayout } from './torch-layout.js';

const RANKS: Readonly<Record<TorchLayout, number>> = {
  same: 3,
  oihw: 4,
  'odhw-depthwise': 4,
  oiw: 3,
  oidhw: 5,
  iow: 3,
  iohw: 4,
  iodhw: 5,
};
const layouts = Object.keys(RANKS) as TorchLayout[];
const shapeOf = (layout: TorchLayout) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: RANKS[layout], maxLength: RANKS[layout] });
const upTo = (size: number) => Float32Array.from({ length: size }, (_, i) => i);

describe.each(layouts)('layout %s', (layout) => {
  it('goes to PyTorch and back', () => {
    fc.assert(
      fc.property(shapeOf(layout), (shape) => {
        const values = upTo(sizeOf(shape));
        expect(fromTorchLayout(toTorchLayout(values, shape, layout), shape, layout)).toEqual(values);
        expect(shapeFromTorch(shapeToTorch(shape, layout), layout, shape[2])).toEqual(shape);
      }),
    );
  });

  it('is a permutation', () => {
    fc.assert(
      fc.property(shapeOf(layout), (shape) => {
        const values = upTo(sizeOf(shape));
        expect(toTorchLayout(values, shape, layout).slice().sort()).toEqual(values);
      }),
    );
  });
});

it('puts each tap where it belongs', () => {
  const ours = fromTorchLayout(upTo(2 * 3 * 2 * 2), [2, 2, 3, 2], 'oihw');
  const at = (h: number, w: number, i: number, o: number): number => ours[((h * 2 + w) * 3 + i) * 2 + o] as number;
  expect(at(1, 0, 2, 1)).toBe(((1 * 3 + 2) * 2 + 1) * 2 + 0);
  const depthwise = fromTorchLayout(upTo(6 * 2), [1, 2, 3, 2], 'odhw-depthwise');
  expect(depthwise[(1 * 3 + 2) * 2 + 1]).toBe((2 * 2 + 1) * 2 + 1);
});

it('derives the shapes of convolution kernels', () => {
  expect(shapeFromTorch([8, 3, 5, 7], 'oihw')).toEqual([5, 7, 3, 8]);
  expect(shapeFromTorch([6, 1, 5, 7], 'odhw-depthwise', 3)).toEqual([5, 7, 3, 2]);
  expect(shapeToTorch([5, 7, 3, 2], 'odhw-depthwise')).toEqual([6, 1, 5, 7]);
});
