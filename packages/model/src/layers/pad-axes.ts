import * as tf from '@tensorflow/tfjs-core';
import type { Sides } from './convolve.js';

/** How borders are filled; `replicate` repeats the edge, `reflect` mirrors without it, `circular` goes on at the other end. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** Pads the axes from 1 on, one pair of sides each. Every mode but `replicate` needs an extent that it can take the border from. */
export function padAxes<T extends tf.Tensor>(x: T, sides: readonly Sides[], mode: Exclude<PaddingMode, 'zeros'>): T {
  return sides.reduce<tf.Tensor>((image, side, i) => padAxis(image, i + 1, { side, mode }), x) as T;
}

/** The widest border that a mode can make of an axis. */
export function widestBorder(extent: number, mode: PaddingMode): number {
  if (mode === 'reflect') return extent - 1;
  return mode === 'circular' ? extent : Number.POSITIVE_INFINITY;
}

interface Border {
  readonly side: Sides;
  readonly mode: Exclude<PaddingMode, 'zeros'>;
}

function padAxis(x: tf.Tensor, axis: number, { side: [before, after], mode }: Border): tf.Tensor {
  const extent = x.shape[axis] as number;
  const cut = (from: number, count: number): tf.Tensor => {
    const [begin, size] = [x.shape.map(() => 0), [...x.shape]];
    begin[axis] = from;
    size[axis] = count;
    return tf.slice(x, begin, size);
  };
  const edges: Record<Border['mode'], () => readonly [tf.Tensor | undefined, tf.Tensor | undefined]> = {
    circular: () => [present(before, () => cut(extent - before, before)), present(after, () => cut(0, after))],
    reflect: () => [
      present(before, () => tf.reverse(cut(1, before), axis)),
      present(after, () => tf.reverse(cut(extent - 1 - after, after), axis)),
    ],
    replicate: () => [
      present(before, () => repeat(cut(0, 1), axis, before)),
      present(after, () => repeat(cut(extent - 1, 1), axis, after)),
    ],
  };
  const [first, last] = edges[mode]();
  const parts = [first, x, last].filter((part): part is tf.Tensor => part !== undefined);
  return parts.length === 1 ? x : tf.concat(parts, axis);
}

function present(count: number, make: () => tf.Tensor): tf.Tensor | undefined {
  return count > 0 ? make() : undefined;
}

function repeat(edge: tf.Tensor, axis: number, count: number): tf.Tensor {
  return tf.concat(
    Array.from({ length: count }, () => edge),
    axis,
  );
}
