import * as z from 'zod/mini';

/** Pieces of schemas that many transforms share. */
export const extent = z.int().check(z.positive());
/** A side, or [height, width]. */
export const sides = z.union([extent, z.tuple([extent, extent])]);
export const probability = z.number().check(z.minimum(0), z.maximum(1));
/** A value, or one a channel. */
export const filling = z.union([z.number(), z.array(z.number()).check(z.minLength(1))]);
/** From the first to the second. */
export const range = z
  .tuple([z.number(), z.number()])
  .check(z.refine(([low, high]) => low <= high, { error: 'the first is at most the second' }));

/** [height, width] of a side, or of both. */
export function bothSides(size: number | readonly [number, number]): readonly [height: number, width: number] {
  return typeof size === 'number' ? [size, size] : size;
}
