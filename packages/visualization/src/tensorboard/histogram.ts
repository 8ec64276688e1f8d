import type { Histogram } from './events.js';

const BUCKETS = 30;

/** Counts finite values in thirty buckets of the same width between the least and the largest; undefined where there are none. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  const finite = Array.from(values).filter(Number.isFinite);
  let [min, max, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of finite) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumSquares += value * value;
  }
  if (finite.length === 0) return undefined;
  const width = (max - min) / BUCKETS;
  const counts = Array.from({ length: width === 0 ? 1 : BUCKETS }, () => 0);
  for (const value of finite) {
    const bucket = width === 0 ? 0 : Math.min(BUCKETS - 1, Math.floor((value - min) / width));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const limits = counts.map((_, index) =>
    index === counts.length - 1 ? max : Math.min(max, min + (index + 1) * width),
  );
  return { min, max, count: finite.length, sum, sumSquares, limits, counts };
}
