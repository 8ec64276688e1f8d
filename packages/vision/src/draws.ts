import type { KeyedRandom } from '@engine/core';

/** A number in a range, evenly. */
export function between(random: KeyedRandom, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random.nextFloat();
}

/** An order of 0 to n - 1, each as likely. */
export function permutation(random: KeyedRandom, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.nextInt(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
