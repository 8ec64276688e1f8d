/**
 * A binary mask as the lengths of its runs, column by column from the top left: zeros first (maybe none of them), then ones, and so on.
 */
export interface Runs {
  readonly height: number;
  readonly width: number;
  readonly counts: readonly number[];
}

/** Runs of a mask `(height, width)` in row-major order; what is not 0 is in it. */
export function runsOfPixels(pixels: ArrayLike<number>, [height, width]: readonly [number, number]): Runs {
  const counts: number[] = [];
  let [current, length] = [false, 0];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const inside = pixels[y * width + x] !== 0;
      if (inside !== current) {
        counts.push(length);
        [current, length] = [inside, 0];
      }
      length++;
    }
  }
  counts.push(length);
  return { height, width, counts };
}

/** The mask `(height, width)` in row-major order, 0 and 1. The runs must not be longer than the image. */
export function pixelsOfRuns({ height, width, counts }: Runs): Uint8Array {
  const pixels = new Uint8Array(height * width);
  let place = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1)
      for (let at = place; at < place + count; at++) pixels[(at % height) * width + Math.floor(at / height)] = 1;
    place += count;
  });
  return pixels;
}

/** How many pixels are in the mask. */
export function areaOfRuns({ counts }: Runs): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i] as number;
  return area;
}

/** `[x, y, width, height]` around the mask; zeros for an empty one. */
export function boxOfRuns({ height, counts }: Runs): [number, number, number, number] {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, height, -1, -1];
  let place = 0;
  counts.forEach((count, i) => {
    const start = place;
    place += count;
    if (i % 2 === 0 || count === 0) return;
    const [firstColumn, lastColumn] = [Math.floor(start / height), Math.floor((place - 1) / height)];
    const isOneColumn = firstColumn === lastColumn;
    left = Math.min(left, firstColumn);
    right = Math.max(right, lastColumn);
    top = Math.min(top, isOneColumn ? start % height : 0);
    bottom = Math.max(bottom, isOneColumn ? (place - 1) % height : height - 1);
  });
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** Where two masks of one size agree and differ, run by run: `visit(length, inFirst, inSecond)`. */
function walkTogether(
  first: readonly number[],
  second: readonly number[],
  visit: (length: number, inFirst: boolean, inSecond: boolean) => void,
): void {
  let [i, j, left, right] = [0, 0, first[0] ?? 0, second[0] ?? 0];
  for (;;) {
    while (left === 0 && i + 1 < first.length) left = first[++i] as number;
    while (right === 0 && j + 1 < second.length) right = second[++j] as number;
    const length = Math.min(left, right);
    if (length === 0) return;
    visit(length, i % 2 === 1, j % 2 === 1);
    left -= length;
    right -= length;
  }
}

/** Pixels in any of the masks, or with `intersect` in all of them. All have the size of the first. */
export function mergeRuns([first, ...others]: readonly [Runs, ...Runs[]], intersect: boolean): Runs {
  const { height, width } = first;
  let counts = first.counts;
  for (const other of others) {
    const merged: number[] = [];
    let [current, length] = [false, 0];
    walkTogether(counts, other.counts, (run, a, b) => {
      const inside = intersect ? a && b : a || b;
      if (inside !== current) {
        merged.push(length);
        [current, length] = [inside, 0];
      }
      length += run;
    });
    merged.push(length);
    counts = merged;
  }
  return { height, width, counts };
}

/** Shared pixels over all pixels; with `crowd` over those of the first alone. 0 when nothing is shared. */
export function overlapOfRuns(found: Runs, truth: Runs, crowd: boolean): number {
  let [shared, either] = [0, 0];
  walkTogether(found.counts, truth.counts, (length, a, b) => {
    if (a && b) shared += length;
    if (a || b) either += length;
  });
  if (shared === 0) return 0;
  return shared / (crowd ? areaOfRuns(found) : either);
}

/** The same of two boxes `[x, y, width, height]`. */
export function overlapOfBoxes(found: ArrayLike<number>, truth: ArrayLike<number>, crowd: boolean): number {
  const [x, y, w, h] = found as unknown as [number, number, number, number];
  const [tx, ty, tw, th] = truth as unknown as [number, number, number, number];
  const width = Math.min(w + x, tw + tx) - Math.max(x, tx);
  const height = Math.min(h + y, th + ty) - Math.max(y, ty);
  if (!(width > 0) || !(height > 0)) return 0;
  const shared = width * height;
  return shared / (crowd ? w * h : w * h + tw * th - shared);
}
