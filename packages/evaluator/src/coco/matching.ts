/** An object that is to be found in an image. */
export interface Truth {
  readonly id: number;
  readonly area: number;
  readonly crowd: boolean;
}

/** The objects and detections of one class in one image, detections by falling score. */
export interface Scene {
  readonly truths: readonly Truth[];
  readonly scores: ArrayLike<number>;
  /** Area of each detection in pixels. */
  readonly areas: ArrayLike<number>;
  /** Overlap of each detection with each object, row-major `(D, G)`. */
  readonly overlaps: Float64Array;
}

/** What became of a scene's detections, row-major `(T, D)` for T thresholds, for objects of some sizes. */
export interface Matches {
  readonly scores: ArrayLike<number>;
  readonly matched: Uint8Array;
  /** 1 where a detection counts neither as right nor as wrong. */
  readonly ignored: Uint8Array;
  /** How many objects were to be found. */
  readonly wanted: number;
}

/**
 * Gives each detection, best first, the object that it overlaps most, if by the threshold at least. An object is given once, a crowd any
 * number of times. Crowds and objects of other sizes are ignored: they are given when there is nothing else, and what matches them, or
 * nothing at all and is of another size itself, does not count.
 */
export function matchScene(
  { truths, scores, areas, overlaps }: Scene,
  {
    thresholds,
    range: [smallest, largest],
  }: { readonly thresholds: readonly number[]; readonly range: readonly [number, number] },
): Matches {
  const count = scores.length;
  const aside = truths.map(({ crowd, area }) => crowd || area < smallest || area > largest);
  const order = [...truths.keys()].sort((a, b) => Number(aside[a]) - Number(aside[b]) || a - b);
  const matched = new Uint8Array(thresholds.length * count);
  const ignored = new Uint8Array(thresholds.length * count);
  thresholds.forEach((threshold, t) => {
    const taken = new Uint8Array(truths.length);
    for (let d = 0; d < count; d++) {
      const at = t * count + d;
      const found = bestTruth({
        row: overlaps.subarray(d * truths.length, (d + 1) * truths.length),
        threshold,
        order,
        aside,
        free: (g) => taken[g] === 0 || (truths[g] as Truth).crowd,
      });
      if (found >= 0) {
        taken[found] = 1;
        ignored[at] = Number(aside[found]);
        // COCO's own tools take a match with the object of id 0 for none
        matched[at] = Number((truths[found] as Truth).id !== 0);
      }
      const size = areas[d] as number;
      if (matched[at] === 0 && (size < smallest || size > largest)) ignored[at] = 1;
    }
  });
  return { scores, matched, ignored, wanted: aside.filter((isAside) => !isAside).length };
}

interface Choice {
  readonly row: Float64Array;
  readonly threshold: number;
  readonly order: readonly number[];
  readonly aside: readonly boolean[];
  readonly free: (truth: number) => boolean;
}

function bestTruth({ row, threshold, order, aside, free }: Choice): number {
  let [best, found] = [Math.min(threshold, 1 - 1e-10), -1];
  for (const g of order) {
    if (!free(g)) continue;
    if (found >= 0 && !aside[found] && aside[g]) break;
    const overlap = row[g] as number;
    if (overlap < best) continue;
    [best, found] = [overlap, g];
  }
  return found;
}
