import { type HostArray, hostArray, isHostArray } from '@engine/core';
import { evaluatorErrors } from '../errors.js';
import { runsOfBox, runsOfPolygon } from './polygon.js';
import { countsOfText, textOfCounts } from './rle-text.js';
import {
  areaOfRuns,
  boxOfRuns,
  mergeRuns,
  overlapOfBoxes,
  overlapOfRuns,
  pixelsOfRuns,
  type Runs,
  runsOfPixels,
} from './runs.js';

/** A binary mask, run-length encoded down its columns, zeros first: counts as a list, or compressed as text. */
export interface Rle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string | readonly number[];
}

/** A box in pixels. */
export type BoxXywh = readonly [x: number, y: number, width: number, height: number];

/** The shape of an object in a COCO file: polygons `[x0, y0, x1, y1, ...]` in pixels (their union), or a run-length encoding. */
export type Segmentation = readonly (readonly number[])[] | Rle;

/**
 * A mask `(H, W)`, host array of bool or uint8 in which everything but 0 counts, as compressed runs.
 * @throws `ENGINE_EVALUATOR_BAD_MASK`
 */
export function encode(mask: HostArray): Rle {
  if (!isHostArray(mask) || mask.shape.length !== 2 || mask.dtype === 'int64') {
    throw badMask(
      'encode',
      'a host array (H, W)',
      isHostArray(mask) ? `${mask.dtype} (${mask.shape.join(', ')})` : typeof mask,
    );
  }
  return rleOf(runsOfPixels(mask.data as Uint8Array, mask.shape as readonly [number, number]));
}

/** The mask `(H, W)`, uint8 0 or 1. @throws `ENGINE_EVALUATOR_BAD_MASK` */
export function decode(rle: Rle): HostArray<'uint8'> {
  const runs = runsOf(rle);
  return hostArray('uint8', [runs.height, runs.width], pixelsOfRuns(runs));
}

/** Number of pixels. @throws `ENGINE_EVALUATOR_BAD_MASK` */
export function area(rle: Rle): number {
  return areaOfRuns(runsOf(rle));
}

/** The box around the pixels, `[x, y, width, height]`; zeros for an empty mask. @throws `ENGINE_EVALUATOR_BAD_MASK` */
export function toBbox(rle: Rle): [x: number, y: number, width: number, height: number] {
  return boxOfRuns(runsOf(rle));
}

/**
 * Union of masks of one size, or with `intersect` what they share. Of no masks: an empty one of size 0, 0.
 * @throws `ENGINE_EVALUATOR_BAD_MASK`
 */
export function merge(rles: readonly Rle[], { intersect = false }: { readonly intersect?: boolean } = {}): Rle {
  const [first, ...others] = rles.map((rle) => runsOf(rle));
  if (first === undefined) return { size: [0, 0], counts: '' };
  const other = others.find(({ height, width }) => height !== first.height || width !== first.width);
  if (other !== undefined)
    throw badMask(
      'merge',
      `masks of size ${first.height}, ${first.width}`,
      `one of size ${other.height}, ${other.width}`,
    );
  return rleOf(mergeRuns([first, ...others], intersect));
}

/**
 * Intersection over union of each detection with each truth: float64, row-major (D, G). Both are masks, or both are boxes. Where a truth is
 * a crowd, intersection over the area of the detection. Masks of different sizes give -1.
 * @throws `ENGINE_EVALUATOR_BAD_MASK`
 */
export function iou(
  detections: readonly (Rle | BoxXywh)[],
  truths: readonly (Rle | BoxXywh)[],
  isCrowd: readonly boolean[] = [],
): Float64Array {
  const overlap = overlapsOf([...detections], [...truths]);
  const out = new Float64Array(detections.length * truths.length);
  for (let d = 0; d < detections.length; d++)
    for (let g = 0; g < truths.length; g++) out[d * truths.length + g] = overlap(d, g, isCrowd[g] === true);
  return out;
}

function overlapsOf(
  detections: (Rle | BoxXywh)[],
  truths: (Rle | BoxXywh)[],
): (d: number, g: number, crowd: boolean) => number {
  const all = [...detections, ...truths];
  if (all.every((each): each is BoxXywh => Array.isArray(each)))
    return (d, g, crowd) => overlapOfBoxes(detections[d] as BoxXywh, truths[g] as BoxXywh, crowd);
  if (all.some((each) => Array.isArray(each))) throw badMask('iou', 'masks only, or boxes only', 'both');
  const [found, right] = [detections, truths].map((list) => list.map((rle) => runsOf(rle as Rle))) as [Runs[], Runs[]];
  const [foundBoxes, rightBoxes] = [found.map(boxOfRuns), right.map(boxOfRuns)];
  return (d, g, crowd) => {
    const [one, other] = [found[d] as Runs, right[g] as Runs];
    if (overlapOfBoxes(foundBoxes[d] as BoxXywh, rightBoxes[g] as BoxXywh, crowd) === 0) return 0;
    if (one.height !== other.height || one.width !== other.width) return -1;
    return overlapOfRuns(one, other, crowd);
  };
}

/**
 * Compressed runs of what a COCO file holds: a list of polygons or of boxes gives a list, an encoding or one box gives one.
 * The masks have `height` rows and `width` columns.
 * @throws `ENGINE_EVALUATOR_BAD_MASK`
 */
export function frPyObjects(object: readonly (readonly number[])[], height: number, width: number): Rle[];
export function frPyObjects(object: Rle | readonly number[], height: number, width: number): Rle;
export function frPyObjects(object: Segmentation | readonly number[], height: number, width: number): Rle | Rle[] {
  if (!Array.isArray(object)) return rleOf(runsOf(object as Rle));
  const list = object as readonly (number | readonly number[])[];
  if (list.length > 0 && list.every((item) => typeof item === 'number'))
    return shapeOf(list as number[], [height, width]);
  return list.map((item) => shapeOf(item as readonly number[], [height, width]));
}

/** One mask of an annotation's `segmentation`: the union of its polygons (of none: nothing is in it), or its encoding. @throws `ENGINE_EVALUATOR_BAD_MASK` */
export function ofSegmentation(segmentation: Segmentation, height: number, width: number): Rle {
  if (!Array.isArray(segmentation)) return rleOf(runsOf(segmentation as Rle));
  if (segmentation.length === 0) return rleOf({ height, width, counts: [height * width] });
  return merge(frPyObjects(segmentation as readonly (readonly number[])[], height, width));
}

function shapeOf(numbers: readonly number[], size: readonly [number, number]): Rle {
  const isList = Array.isArray(numbers) && numbers.every((value) => Number.isFinite(value));
  if (!isList || numbers.length < 4 || numbers.length % 2 !== 0)
    throw badMask(
      'segmentation',
      'a polygon [x0, y0, x1, y1, ...] of at least three corners, or a box of four numbers',
      describe(numbers),
    );
  return rleOf(numbers.length === 4 ? runsOfBox(numbers, size) : runsOfPolygon(numbers, size));
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function rleOf({ height, width, counts }: Runs): Rle {
  return { size: [height, width], counts: textOfCounts(counts) };
}

/** @throws `ENGINE_EVALUATOR_BAD_MASK` unless the runs are as long as the image */
function runsOf(rle: Rle): Runs {
  const [height, width] = Array.isArray(rle?.size) ? (rle.size as unknown[]) : [];
  const given: unknown = rle?.counts;
  const counts =
    typeof given === 'string' ? countsOfText(given) : Array.isArray(given) ? (given as number[]) : undefined;
  if (!isCount(height) || !isCount(width) || counts === undefined || !counts.every(isCount))
    throw badMask(
      'mask',
      '{ size: [height, width], counts } with counts as a list or as compressed text',
      describe(rle),
    );
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total !== height * width)
    throw badMask('mask', `runs of ${height * width} pixels, for size ${height}, ${width}`, `runs of ${total}`);
  return { height, width, counts };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function badMask(subject: string, expected: string, received: string): Error {
  return evaluatorErrors.BAD_MASK({
    subject,
    expected,
    received,
    action: 'check where the mask comes from: COCO files hold polygons in pixels, or runs down the columns',
  });
}
