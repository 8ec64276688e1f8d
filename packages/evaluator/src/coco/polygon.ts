import type { Runs } from './runs.js';

/** Corners are rounded to fifths of a pixel, and edges are drawn on that finer grid. */
const FINER = 5;

/**
 * Runs of a polygon `[x0, y0, x1, y1, ...]` in pixels, closed by itself. Where an edge crosses the middle of a column, the pixels below
 * change sides; crossings are taken from the points of a line drawn on a grid five times as fine. That is the rule of COCO's own tools,
 * so masks are equal to theirs bit for bit.
 */
export function runsOfPolygon(corners: ArrayLike<number>, [height, width]: readonly [number, number]): Runs {
  const points = Math.floor(corners.length / 2);
  const at = (i: number): number => Math.trunc(FINER * (corners[i] as number) + 0.5);
  const crossings: number[] = [];
  let last: Point | undefined;
  for (let i = 0; i < points; i++) {
    const next = (i + 1) % points;
    drawLine([at(2 * i), at(2 * i + 1)], [at(2 * next), at(2 * next + 1)], (x, y) => {
      if (last !== undefined && x !== last[0]) {
        const place = crossingAt(last, [x, y], [height, width]);
        if (place !== undefined) crossings.push(place);
      }
      last = [x, y];
    });
  }
  crossings.push(height * width);
  return { height, width, counts: countsBetween(crossings.sort((a, b) => a - b)) };
}

/** Runs of a box `[x, y, width, height]`, as of the polygon of its corners. */
export function runsOfBox(box: ArrayLike<number>, size: readonly [number, number]): Runs {
  const [x, y, w, h] = box as unknown as [number, number, number, number];
  return runsOfPolygon([x, y, x, y + h, x + w, y + h, x + w, y], size);
}

type Point = readonly [x: number, y: number];

/** Visits the grid's points along a line, one for each step of its longer side, from one end to the other. */
function drawLine([x0, y0]: Point, [x1, y1]: Point, visit: (x: number, y: number) => void): void {
  const [width, height] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  const flat = width >= height;
  // rounding depends on the end one starts at, so every line is computed from its left or upper one
  const backwards = flat ? x0 > x1 : y0 > y1;
  const [xs, ys, xe, ye] = backwards ? [x1, y1, x0, y0] : [x0, y0, x1, y1];
  const length = flat ? width : height;
  const slope = length === 0 ? 0 : flat ? (ye - ys) / width : (xe - xs) / height;
  for (let step = 0; step <= length; step++) {
    const t = backwards ? length - step : step;
    if (flat) visit(t + xs, Math.trunc(ys + slope * t + 0.5));
    else visit(Math.trunc(xs + slope * t + 0.5), t + ys);
  }
}

/** The pixel, counted down the columns, at which a step from one point to the next changes sides; undefined off the middle of columns. */
function crossingAt(
  [lastX, lastY]: Point,
  [x, y]: Point,
  [height, width]: readonly [number, number],
): number | undefined {
  const column = ((x < lastX ? x : x - 1) + 0.5) / FINER - 0.5;
  if (!Number.isInteger(column) || column < 0 || column > width - 1) return undefined;
  const row = (Math.min(y, lastY) + 0.5) / FINER - 0.5;
  return column * height + Math.ceil(Math.min(Math.max(row, 0), height));
}

/** Lengths between sorted places; where two places are the same, the runs beside them are one. */
function countsBetween(places: readonly number[]): number[] {
  const steps = places.map((place, i) => place - (i === 0 ? 0 : (places[i - 1] as number)));
  const counts = [steps[0] as number];
  for (let i = 1; i < steps.length; i++) {
    const step = steps[i] as number;
    if (step > 0) counts.push(step);
    else if (++i < steps.length)
      counts[counts.length - 1] = (counts[counts.length - 1] as number) + (steps[i] as number);
  }
  return counts;
}
