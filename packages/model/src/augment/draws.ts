import type { KeyedRandom } from '@engine/core';

/** A draw of the beta distribution: x / (x + y) of two gamma draws. */
export function drawBeta(random: KeyedRandom, a: number, b: number): number {
  const x = drawGamma(random, a);
  return x / (x + drawGamma(random, b));
}

/** A draw of the gamma distribution of this shape and scale 1. Marsaglia and Tsang 2000. */
function drawGamma(random: KeyedRandom, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.nextFloat()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.nextNormal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.nextFloat()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A permutation of 0..n-1. */
export function drawOrder(random: KeyedRandom, n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const k = random.nextInt(i + 1);
    const swapped = order[i] as number;
    order[i] = order[k] as number;
    order[k] = swapped;
  }
  return order;
}

/** A part of an image: rows `top` to `bottom`, columns `left` to `right`, ends left out. */
export interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** A box around a random centre that covers the share `1 - lambda` of an image, cut off at its borders. Yun et al. 2019. */
export function drawBox(random: KeyedRandom, [height, width]: readonly [number, number], lambda: number): Box {
  const ratio = Math.sqrt(1 - lambda);
  const [tall, wide] = [Math.floor(height * ratio), Math.floor(width * ratio)];
  const [y, x] = [random.nextInt(height), random.nextInt(width)];
  return {
    top: Math.max(0, y - Math.floor(tall / 2)),
    bottom: Math.min(height, y + Math.floor(tall / 2)),
    left: Math.max(0, x - Math.floor(wide / 2)),
    right: Math.min(width, x + Math.floor(wide / 2)),
  };
}
