/** Which boxes that were found count, as PASCAL VOC's development kit decides it. */

/** `[x0, y0, x1, y1]` on end. */
type Boxes = ArrayLike<number>;

export interface WantedBoxes {
  readonly boxes: Boxes;
  /** Of each box whether finding it counts neither way, e.g. because it is difficult. */
  readonly ignored: readonly boolean[];
}

export interface MatchInit {
  /** Compared in float32, as overlaps are: 7 of 10 is 0.7. */
  readonly iouThr: number;
  /** Added to widths and heights: 1 where a box holds its last column and row, else 0. */
  readonly extra: 0 | 1;
}

/** A box that was found: right, wrong (nothing there, or found before by a better one), or neither. */
export type Outcome = 1 | 0 | -1;

/**
 * Outcomes of the boxes of one class in one image, best first. Each looks only at the wanted box that it overlaps most, found already or not.
 * Overlaps are float32, as the reference computes them.
 */
export function outcomes(found: Boxes, wanted: WantedBoxes, { iouThr, extra }: MatchInit): Outcome[] {
  const taken = new Set<number>();
  return Array.from({ length: found.length / 4 }, (_, i): Outcome => {
    const { iou, index } = best(found, i, wanted.boxes, extra);
    if (index < 0 || iou < fround(iouThr)) return 0;
    if (wanted.ignored[index] === true) return -1;
    if (taken.has(index)) return 0;
    taken.add(index);
    return 1;
  });
}

/** The wanted box that box `i` overlaps most, the first of several; -1 when there is none. */
// oxlint-disable-next-line max-params -- called for every box
function best(found: Boxes, i: number, wanted: Boxes, extra: number): { iou: number; index: number } {
  let [iou, index] = [-1, -1];
  for (let j = 0; j < wanted.length / 4; j++) {
    const value = overlap(found, i, wanted, j, extra);
    if (value > iou) [iou, index] = [value, j];
  }
  return { iou, index };
}

const { fround, max, min } = Math;
const LEAST_UNION = fround(1e-6);

/** Intersection over union of box `i` of `a` and box `j` of `b`. */
// oxlint-disable-next-line max-params -- called for every pair
function overlap(a: Boxes, i: number, b: Boxes, j: number, extra: number): number {
  const width = max(side(max(at(a, i, 0), at(b, j, 0)), min(at(a, i, 2), at(b, j, 2)), extra), 0);
  const height = max(side(max(at(a, i, 1), at(b, j, 1)), min(at(a, i, 3), at(b, j, 3)), extra), 0);
  const common = fround(width * height);
  const union = fround(fround(area(a, i, extra) + area(b, j, extra)) - common);
  return fround(common / max(union, LEAST_UNION));
}

const area = (boxes: Boxes, i: number, extra: number): number =>
  fround(side(at(boxes, i, 0), at(boxes, i, 2), extra) * side(at(boxes, i, 1), at(boxes, i, 3), extra));

const side = (from: number, to: number, extra: number): number => fround(fround(to - from) + extra);

const at = (boxes: Boxes, i: number, k: number): number => fround(boxes[4 * i + k] as number);
