import type { Point } from './coverage.js';

/** Whole, dashed, dotted, or dashes and dots; as matplotlib writes them. */
export type LineStyle = '-' | '--' | ':' | '-.';

/** Lengths that are drawn and left out in turn, in widths of the line: matplotlib's. */
const PATTERNS: Readonly<Record<Exclude<LineStyle, '-'>, readonly number[]>> = {
  '--': [3.7, 1.6],
  ':': [1, 1.65],
  '-.': [6.4, 1.6, 1, 1.6],
};

/** The pieces of a line through `points` that are drawn, each a line of its own. A pattern goes on around corners. */
export function dashes(points: readonly Point[], style: LineStyle, width: number): (readonly Point[])[] {
  if (style === '-') return [points];
  const pattern = PATTERNS[style].map((length) => length * Math.max(width, 1));
  const pieces: Point[][] = [];
  let place = 0;
  let left = pattern[0] ?? 0;
  let piece: Point[] = [];
  const end = () => {
    if (piece.length > 1) pieces.push(piece);
    piece = [];
  };
  points.slice(1).forEach((to, index) => {
    const from = points[index] ?? to;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    for (let at = 0; at < length; ) {
      const until = Math.min(length, at + left);
      if (place % 2 === 0) {
        if (piece.length === 0) piece.push(between(from, to, at / length));
        piece.push(between(from, to, until / length));
      }
      left -= until - at;
      at = until;
      if (left > 1e-9) continue; // what rounding leaves would never be used up
      end();
      place = (place + 1) % pattern.length;
      left = pattern[place] ?? 0;
    }
  });
  end();
  return pieces;
}

function between([ax, ay]: Point, [bx, by]: Point, share: number): Point {
  return [ax + (bx - ax) * share, ay + (by - ay) * share];
}
