import * as cocoMask from './coco-mask.js';
import { type Matches, matchScene, type Scene, type Truth } from './matching.js';
import { curvesOf, RECALLS } from './precision-recall.js';

/** What overlap is measured of. */
export type CocoShape = cocoMask.BoxXywh | cocoMask.Rle;

export interface CocoTruth extends Truth {
  readonly image: number;
  readonly category: number;
  readonly shape: CocoShape;
}

export interface CocoDetection {
  readonly image: number;
  readonly category: number;
  readonly score: number;
  readonly area: number;
  readonly shape: CocoShape;
}

export interface CocoEvalInput {
  readonly truths: readonly CocoTruth[];
  readonly detections: readonly CocoDetection[];
  /** Categories, in the order of the table's. */
  readonly categories: readonly number[];
  /** All objects as if they were of one category (default false); then the table has one. */
  readonly ignoreCategories?: boolean;
  /** Overlap from which on an object counts as found. */
  readonly iouThrs: readonly number[];
  /** How many detections an image count, from the fewest to the most. */
  readonly maxDets: readonly number[];
}

/** Sizes in pixels, from and to: all, small, medium, large. */
const RANGES = { all: [0, 1e10], s: [0, 1024], m: [1024, 9216], l: [9216, 1e10] } as const;
export type CocoSize = keyof typeof RANGES;

/** Which cells of the table a mean is taken of. Default: all thresholds, all categories, all sizes, the most detections. */
export interface CocoCells {
  readonly iouThr?: number | undefined;
  readonly category?: number | undefined;
  readonly size?: CocoSize | undefined;
  readonly maxDet?: number | undefined;
}

/** Precision and recall by category, size and number of detections. */
export class CocoTable {
  readonly #input: CocoEvalInput;
  readonly #cells = new Map<string, ReturnType<typeof curvesOf>>();
  readonly #categories: number;

  constructor(input: CocoEvalInput) {
    this.#input = input;
    const { iouThrs, maxDets } = input;
    const groups = scenesByCategory(input);
    this.#categories = groups.length;
    groups.forEach((scenes, category) => {
      for (const [size, range] of Object.entries(RANGES)) {
        const matches: Matches[] = scenes.map((scene) => matchScene(scene, { thresholds: iouThrs, range }));
        for (const limit of maxDets)
          this.#cells.set(`${category} ${size} ${limit}`, curvesOf(matches, { thresholds: iouThrs.length, limit }));
      }
    });
  }

  /** Mean average precision, from 0 to 1; -1 when there was nothing to find. */
  averagePrecision(cells: CocoCells = {}): number {
    return this.#mean(cells, ({ precision }, t) => precision.subarray(t * RECALLS.length, (t + 1) * RECALLS.length));
  }

  /** Mean recall, from 0 to 1; -1 when there was nothing to find. */
  averageRecall(cells: CocoCells = {}): number {
    return this.#mean(cells, ({ recall }, t) => recall.subarray(t, t + 1));
  }

  #mean(
    { iouThr, category, size = 'all', maxDet }: CocoCells,
    valuesOf: (curves: NonNullable<ReturnType<typeof curvesOf>>, threshold: number) => Float64Array,
  ): number {
    const { iouThrs, maxDets } = this.#input;
    let [sum, count] = [0, 0];
    for (const k of category === undefined ? Array(this.#categories).keys() : [category]) {
      const curves = this.#cells.get(`${k} ${size} ${maxDet ?? maxDets.at(-1)}`);
      if (curves === undefined) continue;
      iouThrs.forEach((threshold, t) => {
        if (iouThr !== undefined && threshold !== iouThr) return;
        for (const value of valuesOf(curves, t)) {
          sum += value;
          count++;
        }
      });
    }
    return count === 0 ? -1 : sum / count;
  }
}

/** For each category, the images that have something of it, by id. */
function scenesByCategory({ truths, detections, categories, ignoreCategories, maxDets }: CocoEvalInput): Scene[][] {
  const [truthsBy, detectionsBy] = [byCategory(truths), byCategory(detections)];
  const most = maxDets.at(-1) as number;
  const groups = ignoreCategories ? [[...categories].sort((a, b) => a - b)] : categories.map((category) => [category]);
  return groups.map((group) => {
    const wanted = byImage(group.flatMap((category) => truthsBy.get(category) ?? []));
    const found = byImage(group.flatMap((category) => detectionsBy.get(category) ?? []));
    const images = [...new Set([...wanted.keys(), ...found.keys()])].sort((a, b) => a - b);
    return images.map((image) => sceneOf(wanted.get(image) ?? [], found.get(image) ?? [], most));
  });
}

function sceneOf(truths: readonly CocoTruth[], detections: readonly CocoDetection[], most: number): Scene {
  const best = [...detections].sort((a, b) => b.score - a.score).slice(0, most);
  return {
    truths,
    scores: Float64Array.from(best, ({ score }) => score),
    areas: Float64Array.from(best, ({ area }) => area),
    overlaps: cocoMask.iou(
      best.map(({ shape }) => shape),
      truths.map(({ shape }) => shape),
      truths.map(({ crowd }) => crowd),
    ),
  };
}

const byCategory = <T extends { readonly category: number }>(items: readonly T[]): Map<number, T[]> =>
  grouped(items, ({ category }) => category);
const byImage = <T extends { readonly image: number }>(items: readonly T[]): Map<number, T[]> =>
  grouped(items, ({ image }) => image);

function grouped<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
