import type { Matrix } from './warp.js';

/** A map of plain stretching and shifting. */
export function stretch(x: number, y: number, [dx, dy]: readonly [number, number] = [0, 0]): Matrix {
  return [x, 0, dx, 0, y, dy, 0, 0, 1];
}

/** The map in the other direction, where there is one. */
export function inverted([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const last = a * e - b * d;
  const by = last === 0 ? 1 : last; // the origin comes from beyond all bounds
  return [
    (e * i - f * h) / by,
    (c * h - b * i) / by,
    (b * f - c * e) / by,
    (f * g - d * i) / by,
    (a * i - c * g) / by,
    (c * d - a * f) / by,
    (d * h - e * g) / by,
    (b * g - a * h) / by,
    last / by,
  ];
}

/** Turning, shearing (degrees), stretching, then shifting (pixels), about a point. */
export interface AffineParts {
  readonly angle: number;
  readonly translate: readonly [x: number, y: number];
  readonly scale: number;
  readonly shear: readonly [x: number, y: number];
  readonly center: readonly [x: number, y: number];
}

const RADIANS = Math.PI / 180;

/** From a place of the old image to one of the new: positive angles turn clockwise. */
export function affineMatrix({ angle, translate, scale, shear, center }: AffineParts): Matrix {
  const turn = angle * RADIANS;
  const [sx, sy] = [shear[0] * RADIANS, shear[1] * RADIANS];
  const [cos, sin] = [Math.cos(turn - sy) / Math.cos(sy), Math.sin(turn - sy) / Math.cos(sy)];
  const a = cos * scale;
  const b = (-cos * Math.tan(sx) - Math.sin(turn)) * scale;
  const c = sin * scale;
  const d = (-sin * Math.tan(sx) + Math.cos(turn)) * scale;
  const [cx, cy] = center;
  return [a, b, cx + translate[0] - a * cx - b * cy, c, d, cy + translate[1] - c * cx - d * cy, 0, 0, 1];
}

/** The size of an image that holds all of the old one after turning about its middle: as torchvision rounds. */
export function sizeAround(m: Matrix, height: number, width: number): readonly [height: number, width: number] {
  const [x, y] = [width / 2, height / 2];
  const ends = [-1, 1].flatMap((i) =>
    [-1, 1].map((j) => [m[0] * i * x + m[1] * j * y, m[3] * i * x + m[4] * j * y] as const),
  );
  const reach = (axis: 0 | 1, half: number) => {
    const at = ends.map((end) => Math.fround(end[axis]) + half);
    const cut = (value: number) => Math.trunc(value / TOLERANCE) * TOLERANCE;
    return Math.ceil(cut(Math.max(...at))) - Math.floor(cut(Math.min(...at)));
  };
  return [reach(1, y), reach(0, x)];
}

/** So that what should be whole is not rounded up. */
const TOLERANCE = 1e-4;

type Corners = readonly (readonly [x: number, y: number])[];

/** The map that takes four points to four others. */
export function perspectiveMatrix(from: Corners, to: Corners): Matrix {
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i] as readonly [number, number];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  return [...solve(rows), 1] as unknown as Matrix;
}

/** Gauss's elimination with the largest pivots; the last column is the right side. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++)
      if (Math.abs((rows[i] as number[])[k] as number) > Math.abs((rows[pivot] as number[])[k] as number)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot] as number[], rows[k] as number[]];
    const row = rows[k] as number[];
    for (let i = 0; i < n; i++) {
      const other = rows[i] as number[];
      if (i === k) continue;
      const factor = (other[k] as number) / (row[k] as number);
      for (let j = k; j <= n; j++) (other[j] as number) -= factor * (row[j] as number);
    }
  }
  return rows.map((row, i) => (row[n] as number) / (row[i] as number));
}
