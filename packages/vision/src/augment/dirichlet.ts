import type { KeyedRandom } from '@engine/core';

/** Weights that add up to 1, from the symmetric Dirichlet distribution. */
export function dirichlet(random: KeyedRandom, alpha: number, count: number): number[] {
  const draws = Array.from({ length: count }, () => gamma(random, alpha));
  const total = draws.reduce((sum, value) => sum + value, 0);
  return total > 0 ? draws.map((value) => value / total) : draws.map(() => 1 / count);
}

/** The gamma distribution of scale 1, by the rejection method of Marsaglia and Tsang (2000). */
function gamma(random: KeyedRandom, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.nextFloat()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.nextNormal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.nextFloat()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
