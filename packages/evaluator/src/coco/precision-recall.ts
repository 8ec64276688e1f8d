import type { Matches } from './matching.js';

/** Recall values at which precision is read off: 0, 0.01, ..., 1. */
export const RECALLS: readonly number[] = Array.from({ length: 101 }, (_, i) => (i === 100 ? 1 : i * 0.01));

/** One class, one range of sizes, one number of detections an image. */
export interface Curves {
  /** Precision at each of {@link RECALLS}, row-major `(T, 101)`: the best at that recall or a higher one, 0 where it is never reached. */
  readonly precision: Float64Array;
  /** Recall of all detections together, for each threshold. */
  readonly recall: Float64Array;
}

/** Precision and recall over all images; undefined when there was nothing to find. At most `limit` detections an image count. */
export function curvesOf(
  images: readonly Matches[],
  { thresholds, limit }: { readonly thresholds: number; readonly limit: number },
): Curves | undefined {
  const wanted = images.reduce((sum, image) => sum + image.wanted, 0);
  if (wanted === 0) return undefined;
  const places = ranked(images, limit);
  const precision = new Float64Array(thresholds * RECALLS.length);
  const recall = new Float64Array(thresholds);
  for (let t = 0; t < thresholds; t++) {
    const [precisions, recalls] = [new Float64Array(places.length), new Float64Array(places.length)];
    let [right, wrong] = [0, 0];
    places.forEach(({ image, detection }, i) => {
      const at = t * image.scores.length + detection;
      if (image.ignored[at] === 0) {
        if (image.matched[at] === 1) right++;
        else wrong++;
      }
      recalls[i] = right / wanted;
      precisions[i] = right / (wrong + right + Number.EPSILON);
    });
    for (let i = places.length - 1; i > 0; i--)
      precisions[i - 1] = Math.max(precisions[i - 1] as number, precisions[i] as number);
    recall[t] = recalls.at(-1) ?? 0;
    precision.set(readOff(precisions, recalls), t * RECALLS.length);
  }
  return { precision, recall };
}

interface Place {
  readonly image: Matches;
  readonly detection: number;
}

/** The best first; equal scores in the order of the images. */
function ranked(images: readonly Matches[], limit: number): Place[] {
  const places = images.flatMap((image) =>
    Array.from({ length: Math.min(limit, image.scores.length) }, (_, detection) => ({ image, detection })),
  );
  const score = ({ image, detection }: Place): number => image.scores[detection] as number;
  return places.sort((a, b) => score(b) - score(a));
}

function readOff(precisions: Float64Array, recalls: Float64Array): Float64Array {
  const out = new Float64Array(RECALLS.length);
  let i = 0;
  RECALLS.forEach((wanted, r) => {
    while (i < recalls.length && (recalls[i] as number) < wanted) i++;
    if (i < recalls.length) out[r] = precisions[i] as number;
  });
  return out;
}
